-- Takes a handler's answer: done, wait (until), retry (delay_ms, counted or not) or dead. `seen` is the event it looked
-- at, `newest` the lane's newest one at the claim: what came after it is news. A worker that lost its lease changes
-- nothing and is told 'lost'.
create or replace function public.settle_delivery(id text, fence text, outcome text, seen text, facts jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  mine verne.deliveries;
  counted boolean := coalesce((facts ->> 'counted')::boolean, true);
  newest bigint := coalesce(facts ->> 'newest', seen)::bigint;
  error text := coalesce(facts ->> 'error', 'no reason given');
  finished boolean;
  due timestamptz;
begin
  -- A dead letter is a fact about the key as well; its lock comes before the row's, as where facts are published.
  if outcome in ('retry', 'dead') then
    perform pg_advisory_xact_lock(hashtextextended(d.key, 7)) from verne.deliveries d where d.id = settle_delivery.id::bigint;
  end if;
  select * into mine from verne.deliveries d
  where d.id = settle_delivery.id::bigint and d.fence = settle_delivery.fence::int and d.state = 'open' and d.worker is not null
  for update;
  if mine.id is null then
    return jsonb_build_object('state', 'lost');
  end if;
  if outcome = 'dead' or outcome = 'retry' and counted then
    insert into verne.failures (delivery_id, attempt, error) values (mine.id, mine.attempts, error);
    if outcome = 'dead' or mine.attempts >= (select s.max_attempts from verne.subscriptions s where s.subscriber = mine.subscriber) then
      perform verne.bury_delivery(mine, seen::bigint, error);
      return jsonb_build_object('state', 'dead');
    end if;
  end if;
  finished := outcome = 'done' and mine.event_id <= seen::bigint;
  due := case outcome
    when 'retry' then verne.now() + (facts ->> 'delay_ms')::int * interval '1 ms'
    when 'wait' then least((facts ->> 'until')::timestamptz, verne.due_of_news(mine, newest))
    else coalesce(verne.due_of_news(mine, seen::bigint), verne.now()) end;
  if outcome <> 'retry' and not finished and mine.last_error is not null then
    delete from verne.failures where delivery_id = mine.id; -- of a fact that is over its trouble
  end if;
  update verne.deliveries d set worker = null, due_at = due,
    last_error = case when outcome = 'retry' then error end,
    seen_id = greatest(d.seen_id, seen::bigint - case when outcome = 'done' then 0 else 1 end),
    attempts = case when outcome <> 'retry' then 0 when counted then d.attempts else d.attempts - 1 end,
    state = case when finished then 'done' else 'open' end,
    settled_at = case when finished then verne.now() end,
    not_before = case when outcome = 'retry' then due end
  where d.id = mine.id;
  return jsonb_build_object('state', case when finished then 'done' else 'open' end, 'due_in_ms', case when not finished then
    greatest(0, least(ceil(extract(epoch from due - verne.now()) * 1000), 2147483647))::int end);
end $$;
revoke all on function public.settle_delivery from public, anon, authenticated;
grant execute on function public.settle_delivery to service_role, verne_worker;
