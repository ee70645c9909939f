-- Whether a stored key can still be used: it was not revoked, or its owner entered one of the same account in its stead.
create or replace function verne.key_opens(key_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (verne.find_key(key_opens.key_id)).id is not null;
end $$;
