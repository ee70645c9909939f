-- A key has nothing left for the day. Says whether that is to be told: once in 24 hours.
create or replace function verne.note_key_exhausted(key_id uuid) returns boolean
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.keys k set exhausted_at = verne.now()
  where k.id = note_key_exhausted.key_id and k.revoked_at is null
    and (k.exhausted_at > verne.now() - interval '24 hours') is not true;
  return found;
end $$;
