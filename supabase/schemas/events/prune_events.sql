-- Forgets what is old, a bounded batch at a time: settled deliveries after 30 days, events that nothing needs after 90.
create or replace function public.prune_events(batch int default 1000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare deliveries int; events int;
begin
  delete from verne.deliveries where id in (
    select d.id from verne.deliveries d
    where d.state <> 'open' and d.state <> 'dead' and d.settled_at < verne.now() - interval '30 days'
    limit batch for update skip locked);
  get diagnostics deliveries = row_count;
  delete from verne.events where id in (
    select e.id from verne.events e
    where e.at < verne.now() - interval '90 days'
      and not exists (select from verne.deliveries d where d.event_id = e.id)
      -- What an open lane has still to walk, or works on while newer facts have folded in.
      and not exists (select from verne.deliveries d where d.lane = e.key and d.state = 'open' and d.seen_id < e.id)
    limit batch for update skip locked);
  get diagnostics events = row_count;
  return jsonb_build_object('deliveries', deliveries, 'events', events);
end $$;
revoke all on function public.prune_events from public, anon, authenticated;
grant execute on function public.prune_events to service_role, verne_worker;
