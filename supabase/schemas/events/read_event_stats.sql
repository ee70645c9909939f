-- Depth, age and outcomes per subscriber in force. A lease that is over is due.
create or replace function public.read_event_stats() returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(row) order by row.subscriber), '[]') from (
    select s.subscriber, s.mode,
      count(*) filter (where d.state = 'open' and d.due_at <= verne.now()) as due,
      count(*) filter (where d.state = 'open' and d.worker is null and d.due_at > verne.now()) as waiting,
      count(*) filter (where d.state = 'open' and d.worker is not null and d.due_at > verne.now()) as working,
      count(*) filter (where d.state = 'done') as done,
      count(*) filter (where d.state = 'dead') as dead,
      count(*) filter (where d.state = 'discarded') as discarded,
      coalesce(extract(epoch from verne.now() - min(d.due_at) filter (where d.state = 'open' and d.due_at <= verne.now())), 0)::int as oldest_due_s
    from verne.subscriptions s left join verne.deliveries d on d.subscriber = s.subscriber
    where s.retired_at is null group by s.subscriber) row
$$;
revoke all on function public.read_event_stats from public, anon, authenticated;
grant execute on function public.read_event_stats to service_role, verne_worker;
