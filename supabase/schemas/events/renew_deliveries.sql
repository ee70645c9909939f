-- Keeps the leases of a worker that still works; answers which it still holds. A row that a publisher has locked is
-- held but not waited for, or the two could wait for each other: the next beat renews it.
create or replace function public.renew_deliveries(ids text[], fences text[], lease_ms int default null) returns jsonb
language sql security definer set search_path = '' as $$
  with mine as materialized (
    select d.id from unnest(ids, fences) asked(id, fence)
    join verne.deliveries d on d.id = asked.id::bigint and d.fence = asked.fence::int
    where d.state = 'open' and d.worker is not null),
  free as materialized (
    select d.id from verne.deliveries d join unnest(ids, fences) asked(id, fence)
      on d.id = asked.id::bigint and d.fence = asked.fence::int
    where d.state = 'open' and d.worker is not null
    for update of d skip locked),
  renewed as (
    update verne.deliveries d set
      due_at = verne.now() + coalesce(s.lease_ms, renew_deliveries.lease_ms, 8000) * interval '1 ms'
    from free, verne.subscriptions s where d.id = free.id and s.subscriber = d.subscriber)
  select jsonb_build_object('held', coalesce(jsonb_agg(mine.id::text), '[]')) from mine
$$;
revoke all on function public.renew_deliveries from public, anon, authenticated;
grant execute on function public.renew_deliveries to service_role, verne_worker;
