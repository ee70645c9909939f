-- Keeps the leases of a worker that still works; answers which it still holds.
create or replace function public.renew_deliveries(ids text[], fences text[], lease_ms int default null) returns jsonb
language sql security definer set search_path = '' as $$
  with held as (
    update verne.deliveries d set
      due_at = verne.now() + coalesce(renew_deliveries.lease_ms, s.lease_ms) * interval '1 ms'
    from unnest(ids, fences) mine(id, fence), verne.subscriptions s
    where d.id = mine.id::bigint and d.fence = mine.fence::int and d.state = 'open' and d.worker is not null
      and s.subscriber = d.subscriber
    returning d.id)
  select jsonb_build_object('held', coalesce(jsonb_agg(held.id::text), '[]')) from held
$$;
revoke all on function public.renew_deliveries from public, anon, authenticated;
grant execute on function public.renew_deliveries to service_role, verne_worker;
