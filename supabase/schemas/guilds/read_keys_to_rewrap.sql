-- Sealed keys that another master key than the active one still opens: some at a time, those behind `after`.
create or replace function public.read_keys_to_rewrap(version text, after text default null, slots int default 100) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(verne.sealed_key(k) || jsonb_build_object('last4', k.last4) order by k.id), '[]')
    from (
      select * from verne.keys k
      where k.revoked_at is null and k.kek_version <> read_keys_to_rewrap.version
        and (read_keys_to_rewrap.after is null or k.id > read_keys_to_rewrap.after::uuid)
      order by k.id limit slots) k);
end $$;
revoke all on function public.read_keys_to_rewrap from public, anon, authenticated;
grant execute on function public.read_keys_to_rewrap to service_role, verne_worker;
