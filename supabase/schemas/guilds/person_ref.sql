-- The pseudonym under which the audit knows a person, made when they are first named. It is a hash of their id and a salt
-- of their own, so that nobody can later say that it was another person's.
create or replace function verne.person_ref(discord_id text) returns uuid
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare found uuid;
begin
  select p.ref into found from verne.people p where p.discord_id = person_ref.discord_id;
  if found is null then
    insert into verne.people as p (ref, discord_id, salt)
    select encode(substring(sha256(convert_to(s.salt::text || ':' || coalesce(person_ref.discord_id, ''), 'UTF8')) for 16), 'hex')::uuid,
      coalesce(person_ref.discord_id, ''), s.salt
    from (select gen_random_uuid() as salt) s
    on conflict (discord_id) do update set discord_id = excluded.discord_id returning p.ref into found;
  end if;
  return found;
end $$;
