-- Leases due deliveries to a worker, for the subscription's time or else the worker's own. The lease is the due time
-- moved forward: nobody has to notice a dead worker. The planner may only walk the index of due times: with a
-- limit that it cannot know and statistics that lag behind a queue, it would rather sort everything that is due.
create or replace function public.claim_deliveries(subscribers text[], slots int, worker text, lease_ms int default null) returns jsonb
language plpgsql security definer set search_path = ''
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare answer jsonb;
begin
  with due as materialized (
    select d.id from verne.deliveries d
    where d.state = 'open' and d.due_at <= verne.now() and d.subscriber = any (subscribers)
    order by d.due_at limit slots for update skip locked),
  claimed as (
    update verne.deliveries d set
      due_at = verne.now() + coalesce(s.lease_ms, claim_deliveries.lease_ms, 8000) * interval '1 ms',
      fence = d.fence + 1, attempts = d.attempts + 1, worker = claim_deliveries.worker, not_before = null
    from due, verne.subscriptions s where d.id = due.id and s.subscriber = d.subscriber
    returning d, s.mode, s.max_attempts, s.backoff_ms, coalesce(s.lease_ms, claim_deliveries.lease_ms, 8000) as lease)
  select jsonb_build_object('now', verne.now(), 'deliveries', coalesce(jsonb_agg(jsonb_build_object(
    'id', (c.d).id::text, 'subscriber', (c.d).subscriber, 'key', (c.d).key, 'fence', (c.d).fence::text,
    'attempts', (c.d).attempts, 'max_attempts', c.max_attempts, 'backoff_ms', c.backoff_ms,
    'lease_ms', c.lease, 'newest', (c.d).event_id::text,
    'event', jsonb_build_object('id', e.id::text, 'topic', e.topic, 'payload', e.payload,
      'correlation_id', e.correlation_id, 'at', e.at))), '[]')) into answer
  from claimed c cross join lateral verne.next_event(c.d, c.mode) e;
  return answer;
end $$;
revoke all on function public.claim_deliveries from public, anon, authenticated;
grant execute on function public.claim_deliveries to service_role, verne_worker;
