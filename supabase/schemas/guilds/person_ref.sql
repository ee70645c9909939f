-- The pseudonym under which the audit knows a person, made when they are first named.
create or replace function verne.person_ref(discord_id text) returns uuid
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare found uuid;
begin
  select p.ref into found from verne.people p where p.discord_id = person_ref.discord_id;
  if found is null then
    insert into verne.people as p (discord_id) values (person_ref.discord_id)
    on conflict (discord_id) do update set discord_id = excluded.discord_id returning p.ref into found;
  end if;
  return found;
end $$;
