-- Puts a key under another master key, unless somebody wrote it meanwhile: `before` is how it was wrapped when it was read.
create or replace function public.rewrap_key(key_id text, before text, sealed jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.keys k set sealed = rewrap_key.sealed ->> 'sealed', wrapped = rewrap_key.sealed ->> 'wrapped',
    kek_version = rewrap_key.sealed ->> 'kek_version'
  where k.id = rewrap_key.key_id::uuid and k.wrapped = rewrap_key.before and k.revoked_at is null;
  return jsonb_build_object('kind', case when found then 'rewrapped' else 'stale' end);
end $$;
revoke all on function public.rewrap_key from public, anon, authenticated;
grant execute on function public.rewrap_key to service_role, verne_worker;
