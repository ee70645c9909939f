-- From here on a person's pseudonym leads nowhere. The last of forgetting them, after the entry that says so.
create or replace function verne.forget_name(person text) returns void
language plpgsql set search_path = '' as $$
begin
  update verne.people p set discord_id = null, salt = null where p.discord_id = forget_name.person;
end $$;
