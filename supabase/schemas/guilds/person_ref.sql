-- The pseudonym under which the audit knows a person, made when they are first named. It is a hash of their id and a salt
-- of their own, so that nobody can later say that it was another person's. A row that is there is not locked: whoever holds
-- the audit of a server would wait for it, and be waited for.
create or replace function verne.person_ref(discord_id text) returns uuid
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare found uuid;
begin
  loop
    select p.ref into found from verne.people p where p.discord_id = coalesce(person_ref.discord_id, '');
    exit when found is not null;
    insert into verne.people as p (ref, discord_id, salt)
    select encode(substring(sha256(convert_to(s.salt::text || ':' || coalesce(person_ref.discord_id, ''), 'UTF8')) for 16), 'hex')::uuid,
      coalesce(person_ref.discord_id, ''), s.salt
    from (select gen_random_uuid() as salt) s
    on conflict (discord_id) do nothing returning p.ref into found;
    exit when found is not null;
  end loop;
  return found;
end $$;
