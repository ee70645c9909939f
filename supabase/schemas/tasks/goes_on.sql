-- Whether a finished session can be told to go on: Jules has it, it was neither archived nor deleted, and its key is still there.
create or replace function verne.goes_on(session verne.sessions) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return session.name is not null and session.archived_at is null and session.deleted_at is null
    and (verne.find_key(session.key_id)).id is not null;
end $$;
