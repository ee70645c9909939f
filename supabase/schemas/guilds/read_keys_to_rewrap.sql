-- Sealed keys that another master key than the active one still opens, some at a time, and how many there are in all.
create or replace function public.read_keys_to_rewrap(version text, slots int default 100) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return jsonb_build_object(
    'left', (select count(*) from verne.keys k where k.revoked_at is null and k.kek_version <> read_keys_to_rewrap.version),
    'keys', (select coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'guild_id', k.guild_id, 'owner_id', k.owner_id,
        'sealed', k.sealed, 'wrapped', k.wrapped, 'kek_version', k.kek_version) order by k.id), '[]')
      from (select * from verne.keys k where k.revoked_at is null and k.kek_version <> read_keys_to_rewrap.version order by k.id limit slots) k));
end $$;
revoke all on function public.read_keys_to_rewrap from public, anon, authenticated;
grant execute on function public.read_keys_to_rewrap to service_role, verne_worker;
