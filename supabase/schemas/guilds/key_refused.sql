-- Whether Jules refuses a stored key, or the one that its owner entered in its stead. One that is gone is not refused.
create or replace function verne.key_refused(key_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (verne.find_key(key_refused.key_id)).problem_at is not null;
end $$;
