-- A sealed key as the keyring alone may have it; null where it was revoked. That it was used is noted, to the minute.
create or replace function public.read_key(key_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare key verne.keys := verne.find_key(key_id::uuid);
begin
  if key.id is null then
    return null;
  end if;
  update verne.keys k set used_at = verne.now() where k.id = key.id and (k.used_at is null or k.used_at < verne.now() - interval '1 minute');
  return verne.sealed_key(key) || jsonb_build_object('last4', key.last4, 'account', key.account_id);
end $$;
revoke all on function public.read_key from public, anon, authenticated;
grant execute on function public.read_key to service_role, verne_worker;
