-- A sealed key with what its seal is bound to, or the one that its owner entered in its stead for the same Jules
-- account; null where it was revoked. For the keyring alone.
create or replace function public.read_key(key_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('id', k.id, 'guild_id', k.guild_id, 'owner_id', k.owner_id, 'sealed', k.sealed,
      'wrapped', k.wrapped, 'kek_version', k.kek_version, 'last4', k.last4, 'account', k.account_id)
    from verne.keys asked join verne.keys k on k.account_id = asked.account_id and k.revoked_at is null
      and k.guild_id is not distinct from asked.guild_id and k.owner_id is not distinct from asked.owner_id
    where asked.id = read_key.key_id::uuid);
end $$;
revoke all on function public.read_key from public, anon, authenticated;
grant execute on function public.read_key to service_role, verne_worker;
