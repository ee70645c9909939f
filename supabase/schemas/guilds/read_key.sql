-- A sealed key with what its seal is bound to; null where it was revoked or never was. For the keyring alone.
create or replace function public.read_key(key_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('id', k.id, 'guild_id', k.guild_id, 'owner_id', k.owner_id, 'sealed', k.sealed,
    'wrapped', k.wrapped, 'kek_version', k.kek_version, 'last4', k.last4, 'account', k.account_id)
  from verne.keys k where k.id = read_key.key_id::uuid and k.revoked_at is null
$$;
revoke all on function public.read_key from public, anon, authenticated;
grant execute on function public.read_key to service_role, verne_worker;
