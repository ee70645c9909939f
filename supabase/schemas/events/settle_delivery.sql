-- Takes a handler's answer: done, wait (until), retry (delay_ms, counted or not) or dead. `seen` is the event it looked at.
-- A worker that lost its lease changes nothing and is told 'lost'.
create or replace function public.settle_delivery(id text, fence text, outcome text, seen text, facts jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  mine verne.deliveries;
  counted boolean := coalesce((facts ->> 'counted')::boolean, true);
  finished boolean;
begin
  select * into mine from verne.deliveries d
  where d.id = settle_delivery.id::bigint and d.fence = settle_delivery.fence::int and d.state = 'open' and d.worker is not null
  for update;
  if mine.id is null then
    return jsonb_build_object('state', 'lost');
  end if;
  if outcome in ('retry', 'dead') then
    insert into verne.failures (delivery_id, attempt, error) values (mine.id, mine.attempts, coalesce(facts ->> 'error', 'no reason given'));
  end if;
  if outcome = 'dead' or outcome = 'retry' and counted and mine.attempts >=
      (select s.max_attempts from verne.subscriptions s where s.subscriber = mine.subscriber) then
    perform verne.bury_delivery(mine, seen::bigint, coalesce(facts ->> 'error', 'no reason given'));
    return jsonb_build_object('state', 'dead');
  end if;
  finished := outcome = 'done' and mine.event_id <= seen::bigint;
  update verne.deliveries d set worker = null,
    last_error = case when outcome = 'retry' then facts ->> 'error' end,
    seen_id = case when outcome = 'done' then seen::bigint else d.seen_id end,
    attempts = case when outcome <> 'retry' then 0 when counted then d.attempts else d.attempts - 1 end,
    state = case when finished then 'done' else 'open' end,
    settled_at = case when finished then verne.now() end,
    due_at = case
      when outcome = 'wait' and d.event_id <= seen::bigint then (facts ->> 'until')::timestamptz
      when outcome = 'retry' then verne.now() + (facts ->> 'delay_ms')::int * interval '1 ms'
      else verne.now() end,
    not_before = case when outcome = 'retry' then verne.now() + (facts ->> 'delay_ms')::int * interval '1 ms' end
  where d.id = mine.id;
  return jsonb_build_object('state', case when finished then 'done' else 'open' end);
end $$;
revoke all on function public.settle_delivery from public, anon, authenticated;
grant execute on function public.settle_delivery to service_role, verne_worker;
