set check_function_bodies = off;

-- Stores a fact and what it makes others do, in the caller's transaction. A known dedupe key gives the first id.
-- Options: dedupe, tenant, level, source, cause, correlation, only_for (one subscriber: a replay).
create or replace function verne.publish_event(topic text, key text, payload jsonb default '{}', options jsonb default '{}') returns bigint
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare event verne.events;
begin
  -- One publisher of a key at a time, so that the numbers of a key's events are in commit order.
  perform pg_advisory_xact_lock(hashtextextended(publish_event.key, 7));
  perform verne.route_topic(publish_event.topic);
  insert into verne.events (topic, key, payload, tenant, dedupe, level, source, causation_id, correlation_id, only_for)
  values (publish_event.topic, publish_event.key, coalesce(publish_event.payload, '{}'), options ->> 'tenant',
    options ->> 'dedupe', coalesce((options ->> 'level')::int, 3), coalesce(options ->> 'source', 'verne'),
    (options ->> 'cause')::bigint, coalesce((options ->> 'correlation')::uuid, gen_random_uuid()),
    options ->> 'only_for')
  on conflict (tenant, dedupe) where dedupe is not null do nothing
  returning * into event;
  if event.id is null then
    return (select e.id from verne.events e
      where e.dedupe = options ->> 'dedupe' and e.tenant is not distinct from options ->> 'tenant');
  end if;
  insert into verne.deliveries as open (subscriber, key, lane, event_id, seen_id, due_at)
  select s.subscriber, event.key, case when s.mode <> 'each' then event.key end, event.id, event.id - 1,
    event.at + s.delay_ms * interval '1 ms'
  from (
    select r.subscriber from verne.routes r where r.topic = event.topic and event.only_for is null
    union all select event.only_for where event.only_for is not null) hearing
  join verne.subscriptions s on s.subscriber = hearing.subscriber and s.retired_at is null
  on conflict (subscriber, lane) where lane is not null and state = 'open' do update set
    event_id = excluded.event_id,
    due_at = case when open.worker is null
      then greatest(least(open.due_at, excluded.due_at), open.not_before) else open.due_at end;
  -- A hint for workers that listen; the rest poll. Commits that notify wait for one another, which halves the rate of
  -- many publishers, so of those under way at once one notifies: what a hint misses is found by the next poll.
  if pg_try_advisory_xact_lock(7306002) then
    perform pg_notify('verne_deliveries', '');
  end if;
  return event.id;
end $$;

reset check_function_bodies;
