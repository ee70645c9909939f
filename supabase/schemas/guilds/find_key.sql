-- A sealed key with what its seal is bound to, or the one that its owner entered in its stead for the same Jules account;
-- null where it was revoked.
create or replace function verne.find_key(key_id uuid) returns verne.keys
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare found verne.keys;
begin
  select k.* into found from verne.keys asked join verne.keys k on k.account_id = asked.account_id and k.revoked_at is null
    and k.guild_id is not distinct from asked.guild_id and k.owner_id is not distinct from asked.owner_id
  where asked.id = find_key.key_id;
  return found;
end $$;
