-- Takes or renews a lease. Whoever does not hold it is told who does, and until when.
create or replace function public.take_lease(name text, owner text, ttl_ms int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare lease verne.leases;
begin
  insert into verne.leases as held (name, owner, until)
  values (take_lease.name, take_lease.owner, verne.now() + ttl_ms * interval '1 ms')
  on conflict (name) do update set owner = excluded.owner, until = excluded.until
    where held.owner = excluded.owner or held.until <= verne.now();
  select * into lease from verne.leases l where l.name = take_lease.name;
  return jsonb_build_object('held', lease.owner = take_lease.owner, 'owner', lease.owner,
    'left_ms', greatest(0, extract(epoch from lease.until - verne.now()) * 1000)::int);
end $$;
revoke all on function public.take_lease from public, anon, authenticated;
grant execute on function public.take_lease to service_role, verne_worker;
