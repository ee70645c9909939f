set check_function_bodies = off;

-- Something is to be shown: a card, kept true by editing, or a note, sent once. `at`: {place: channel | thread | dm, id}.
-- A known dedupe key changes nothing.
create or replace function verne.add_message(subject text, kind text, view text, at jsonb, facts jsonb, dedupe text) returns void
language sql set search_path = '' as $$
  insert into verne.messages (subject, kind, view, place, place_id, facts, dedupe)
  values (add_message.subject, add_message.kind, add_message.view, at ->> 'place', at ->> 'id', coalesce(add_message.facts, '{}'), add_message.dedupe)
  on conflict do nothing
$$;

-- Several cards are announced by one note; each counts as announced. Dedupe by the first card, so a crash tells once.
-- Without facts nobody is told: the cards are done with, and hold up no other card's mention.
create or replace function public.announce_cards(channel_id text, cards text[], facts jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.messages m set announced_at = case when announce_cards.facts is null then 'epoch'::timestamptz else verne.now() end
  where m.id::text = any (cards) and m.announced_at is null;
  if found and announce_cards.facts is not null then
    perform verne.add_message('channel:' || announce_cards.channel_id, 'note', 'waiting',
      jsonb_build_object('place', 'channel', 'id', announce_cards.channel_id), announce_cards.facts, 'waiting:' || cards[1]);
    perform verne.publish_event('card.announced', 'channel:' || announce_cards.channel_id, '{}', jsonb_build_object('source', 'discord'));
  end if;
  return jsonb_build_object('kind', 'announced');
end $$;
revoke all on function public.announce_cards from public, anon, authenticated;
grant execute on function public.announce_cards to service_role, verne_worker;

-- Commits the intent to post or edit, before the call; 'stale' where the row is no longer as `seen` (sending_since, is_post).
-- An earlier intent that was never resolved may still land for `window_ms`: until then its message is not posted again,
-- and a card is edited once more afterwards; `settles` says that this edit is that one.
-- `announce_within_ms`: the card wants to mention approvers, and may if no other card of its place did so within that time.
create or replace function public.begin_message(id text, window_ms int, seen jsonb, announce_within_ms int default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  message verne.messages;
  may_announce boolean := false;
begin
  select * into message from verne.messages m where m.id = begin_message.id::uuid for update;
  if message.id is null or message.parked_reason is not null
    or message.sending_since is distinct from (seen ->> 'sending_since')::timestamptz
    or (message.message_id is null) is distinct from (seen ->> 'is_post')::boolean then
    return jsonb_build_object('kind', 'stale');
  end if;
  if announce_within_ms is not null then
    perform pg_advisory_xact_lock(hashtextextended('announce ' || message.place_id, 7)); -- two cards must not both be the first
    may_announce := not exists (select from verne.messages o where o.place_id = message.place_id and o.id <> message.id
      and o.announced_at > verne.now() - announce_within_ms * interval '1 ms');
  end if;
  update verne.messages m set
    unsure_until = case when m.sending_since is null then m.unsure_until
      else greatest(m.unsure_until, m.sending_since + window_ms * interval '1 ms') end,
    announced_at = case when may_announce then coalesce(m.announced_at, verne.now()) else m.announced_at end,
    sending_since = verne.now()
  where m.id = message.id
  returning * into message;
  return jsonb_build_object('kind', 'begun', 'intent', message.sending_since, 'unsure_until', message.unsure_until,
    'settles', coalesce(message.unsure_until <= message.sending_since, false), 'announced', message.announced_at is not null);
end $$;
revoke all on function public.begin_message from public, anon, authenticated;
grant execute on function public.begin_message to service_role, verne_worker;

-- A message that its place will not take (deleted, forbidden) is set aside with the reason; the subject's others go on.
-- `instead` is another place {place, id} that is told once, as a note, and whose reader learns of both reason and place.
create or replace function public.park_message(id text, reason text, instead jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare message verne.messages;
begin
  update verne.messages m set parked_reason = park_message.reason, sending_since = null
  where m.id = park_message.id::uuid and m.parked_reason is null
  returning * into message;
  if message.id is not null and instead is not null then
    perform verne.add_message(message.subject, 'note', message.view, instead,
      message.facts || jsonb_build_object('parked', park_message.reason, 'parked_place', message.place_id), message.dedupe || ':instead');
  end if;
  return jsonb_build_object('kind', case when message.id is null then 'was_parked' else 'parked' end);
end $$;
revoke all on function public.park_message from public, anon, authenticated;
grant execute on function public.park_message to service_role, verne_worker;

-- What a subject has to show: its cards always, its notes until they are sent or parked. In the order they were added.
create or replace function public.read_messages(subject text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('now', verne.now(), 'messages', coalesce(jsonb_agg(to_jsonb(m) - 'seq' - 'subject' - 'dedupe' order by m.seq), '[]'))
  from verne.messages m
  where m.subject = read_messages.subject and (m.kind = 'card' or m.message_id is null and m.parked_reason is null)
$$;
revoke all on function public.read_messages from public, anon, authenticated;
grant execute on function public.read_messages to service_role, verne_worker;

-- Message ids that are already known as somebody's in a channel, so that a search for a lost one does not take them.
create or replace function public.read_posted(channel_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(m.message_id), '[]') from (
    select m.message_id from verne.messages m where m.channel_id = read_posted.channel_id and m.message_id is not null
    order by m.seq desc limit 500) m
$$;
revoke all on function public.read_posted from public, anon, authenticated;
grant execute on function public.read_posted to service_role, verne_worker;

-- The cards of a channel that were posted without a mention because another had just been announced.
create or replace function public.read_unannounced(channel_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('now', verne.now(),
    'announced_at', (select max(m.announced_at) from verne.messages m where m.place_id = read_unannounced.channel_id),
    'cards', (select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'subject', m.subject, 'channel_id', m.channel_id,
        'message_id', m.message_id, 'facts', m.facts) order by m.seq), '[]')
      from verne.messages m where m.place_id = read_unannounced.channel_id and m.kind = 'card'
        and m.message_id is not null and m.announced_at is null and m.created_at > verne.now() - interval '1 day'))
$$;
revoke all on function public.read_unannounced from public, anon, authenticated;
grant execute on function public.read_unannounced to service_role, verne_worker;

-- The call is known to have landed, or (with `intent` alone) never to have been made: its intent is cleared.
-- `shown`: intent (whose it is; another worker's stays), channel_id, message_id, hash, unannounced (posted without the
-- mention it was meant to have), settled (the doubt of an earlier edit is over).
create or replace function public.record_message(id text, shown jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare message verne.messages;
begin
  update verne.messages m set
    sending_since = case when shown ? 'intent' and m.sending_since <> (shown ->> 'intent')::timestamptz then m.sending_since end,
    channel_id = coalesce(m.channel_id, shown ->> 'channel_id'),
    message_id = coalesce(m.message_id, shown ->> 'message_id'),
    posted_at = case when m.message_id is null and shown ? 'message_id' then verne.now() else m.posted_at end,
    shown_hash = coalesce(shown ->> 'hash', m.shown_hash),
    shown_at = case when shown ? 'hash' then verne.now() else m.shown_at end,
    unsure_until = case when (shown ->> 'settled')::boolean then null else m.unsure_until end
  where m.id = record_message.id::uuid
  returning * into message;
  if message.kind = 'card' and (shown ->> 'unannounced')::boolean then
    perform verne.publish_event('card.unannounced', 'channel:' || message.place_id, '{}', jsonb_build_object('source', 'discord'));
  end if;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_message from public, anon, authenticated;
grant execute on function public.record_message to service_role, verne_worker;

-- The thread that belongs to a card, or why it has none.
create or replace function public.record_thread(id text, thread_id text default null, problem text default null) returns jsonb
language sql security definer set search_path = '' as $$
  update verne.messages m set thread_id = coalesce(record_thread.thread_id, m.thread_id), thread_problem = record_thread.problem
  where m.id = record_thread.id::uuid
  returning jsonb_build_object('kind', 'recorded')
$$;
revoke all on function public.record_thread from public, anon, authenticated;
grant execute on function public.record_thread to service_role, verne_worker;

-- Makes a dead letter. Of a lane only the poison fact dies, with the history of its tries: the lane goes on.
create or replace function verne.bury_delivery(mine verne.deliveries, seen bigint, error text) returns void
language plpgsql set search_path = '' as $$
declare dead_id bigint := mine.id;
begin
  if mine.lane is null then
    update verne.deliveries set state = 'dead', last_error = error, worker = null, settled_at = verne.now() where id = mine.id;
    return;
  end if;
  insert into verne.deliveries (subscriber, key, event_id, seen_id, state, due_at, attempts, last_error, settled_at)
  values (mine.subscriber, mine.key, seen, seen - 1, 'dead', verne.now(), mine.attempts, error, verne.now())
  returning id into dead_id;
  update verne.failures set delivery_id = dead_id where delivery_id = mine.id;
  update verne.deliveries d set worker = null, attempts = 0, last_error = null, seen_id = seen,
    due_at = coalesce(verne.due_of_news(mine, seen), verne.now()),
    state = case when d.event_id <= seen then 'done' else 'open' end,
    settled_at = case when d.event_id <= seen then verne.now() end
  where d.id = mine.id;
end $$;

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

-- Gives up a dead letter for good, with the reason of the person who decided it.
create or replace function public.discard_delivery(id text, reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.deliveries d set state = 'discarded', settled_at = verne.now(), last_error = d.last_error || ' · discarded: ' || discard_delivery.reason
  where d.id = discard_delivery.id::bigint and d.state = 'dead';
  if not found then
    return jsonb_build_object('kind', 'not_dead', 'id', discard_delivery.id);
  end if;
  return jsonb_build_object('kind', 'discarded', 'id', discard_delivery.id);
end $$;
revoke all on function public.discard_delivery from public, anon, authenticated;
grant execute on function public.discard_delivery to service_role, verne_worker;

-- When a lane is due for the facts after a given one: when the first of them was told, plus the subscription's delay;
-- null where there are none.
create or replace function verne.due_of_news(mine verne.deliveries, after_id bigint) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare delay int;
begin
  if mine.event_id <= after_id then
    return null;
  end if;
  select s.delay_ms into delay from verne.subscriptions s where s.subscriber = mine.subscriber;
  if delay = 0 then
    return verne.now();
  end if;
  mine.seen_id := after_id;
  return (verne.next_event(mine, 'in_order')).at + delay * interval '1 ms';
end $$;

-- A pattern list as one regular expression: * is one word, ** one or more. Anything else stands for itself.
create or replace function verne.matcher(patterns text[]) returns text
language sql immutable set search_path = '' as $$
  select '^(' || string_agg(
    replace(replace(regexp_replace(pattern, '([^A-Za-z0-9_*])', '\\\1', 'g'), '**', '.+'), '*', '[^.]+'), '|') || ')$'
  from unnest(patterns) pattern
$$;

-- The event that a claimed delivery is about: the key's next one that the subscriber hears (in_order), else the newest
-- or only one. A lane's newest event always counts, though its topic may have left the subscription meanwhile.
-- Volatile, so that it sees more than its caller: a fact may fold into the lane after the claim's snapshot, before its lock.
create or replace function verne.next_event(delivery verne.deliveries, mode text) returns verne.events
language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare event verne.events;
begin
  if next_event.mode = 'in_order' and delivery.lane is not null then
    select e.* into event from verne.events e
    where e.key = delivery.key and e.id > delivery.seen_id and e.id <= delivery.event_id
      and case when e.id = delivery.event_id then true
        when e.only_for is not null then e.only_for = delivery.subscriber
        else exists (select from verne.routes r where r.topic = e.topic and r.subscriber = delivery.subscriber) end
    order by e.id limit 1;
  else
    select e.* into event from verne.events e where e.id = delivery.event_id;
  end if;
  return event;
end $$;

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
  return event.id;
end $$;

-- Deliveries as an operator lists them, newest first. Filters: state, topic (a pattern), subscriber, limit.
create or replace function public.read_deliveries(filters jsonb default '{}') returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(row) - 'number' order by row.number desc), '[]') from (
    select d.id as number, d.id::text as id, d.subscriber, e.topic, d.key, d.state, d.attempts, d.worker, d.due_at, d.last_error, e.at
    from verne.deliveries d join verne.events e on e.id = d.event_id
    where (filters ->> 'state' is null or d.state = filters ->> 'state')
      and (filters ->> 'topic' is null or e.topic ~ verne.matcher(array [filters ->> 'topic']))
      and (filters ->> 'subscriber' is null or d.subscriber = filters ->> 'subscriber')
    order by d.id desc limit least(coalesce((filters ->> 'limit')::int, 50), 1000)) row
$$;
revoke all on function public.read_deliveries from public, anon, authenticated;
grant execute on function public.read_deliveries to service_role, verne_worker;

-- One delivery with its event and the history of its failures; null where there is none.
create or replace function public.read_delivery(id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'id', d.id::text, 'subscriber', d.subscriber, 'key', d.key, 'state', d.state, 'attempts', d.attempts, 'worker', d.worker,
    'due_at', d.due_at, 'settled_at', d.settled_at, 'last_error', d.last_error,
    'event', jsonb_build_object('id', e.id::text, 'topic', e.topic, 'key', e.key, 'tenant', e.tenant, 'level', e.level,
      'source', e.source, 'payload', e.payload, 'correlation_id', e.correlation_id, 'causation_id', e.causation_id::text, 'at', e.at),
    'failures', (select coalesce(jsonb_agg(jsonb_build_object('attempt', f.attempt, 'at', f.at, 'error', f.error) order by f.id), '[]')
      from verne.failures f where f.delivery_id = d.id))
  from verne.deliveries d join verne.events e on e.id = d.event_id where d.id = read_delivery.id::bigint
$$;
revoke all on function public.read_delivery from public, anon, authenticated;
grant execute on function public.read_delivery to service_role, verne_worker;

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

-- The subscriptions in force; a test holds them equal to the handlers of the code.
create or replace function public.read_subscriptions() returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('subscriber', s.subscriber, 'patterns', s.patterns, 'mode', s.mode) order by s.subscriber), '[]')
  from verne.subscriptions s where s.retired_at is null
$$;
revoke all on function public.read_subscriptions from public, anon, authenticated;
grant execute on function public.read_subscriptions to service_role, verne_worker;

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

-- Brings a dead letter back. One of its own (each) is opened again. A lane may be open by now, and nobody may work on a
-- key beside it: so its fact is told again, to this subscriber only, at the tail. Handlers read state, so an old fact is harmless.
create or replace function public.replay_delivery(id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  dead verne.deliveries;
  event verne.events;
  subscription verne.subscriptions;
  told bigint;
begin
  select * into dead from verne.deliveries d where d.id = replay_delivery.id::bigint and d.state = 'dead' for update;
  if dead.id is null then
    return jsonb_build_object('kind', 'not_dead', 'id', replay_delivery.id);
  end if;
  select * into subscription from verne.subscriptions s where s.subscriber = dead.subscriber;
  if subscription.retired_at is not null then
    return jsonb_build_object('kind', 'retired', 'id', replay_delivery.id, 'subscriber', dead.subscriber);
  end if;
  if subscription.mode = 'each' then
    update verne.deliveries d set state = 'open', settled_at = null, attempts = 0, fence = d.fence + 1, due_at = verne.now()
    where d.id = dead.id;
    return jsonb_build_object('kind', 'replayed', 'id', replay_delivery.id);
  end if;
  select * into event from verne.events e where e.id = dead.event_id;
  told := verne.publish_event(event.topic, event.key, event.payload, jsonb_build_object('only_for', dead.subscriber, 'tenant', event.tenant,
    'level', event.level, 'source', event.source, 'cause', event.id, 'correlation', event.correlation_id));
  update verne.deliveries d set state = 'discarded', last_error = d.last_error || ' · replayed as event ' || told where d.id = dead.id;
  return jsonb_build_object('kind', 'replayed', 'id', replay_delivery.id, 'event_id', told::text);
end $$;
revoke all on function public.replay_delivery from public, anon, authenticated;
grant execute on function public.replay_delivery to service_role, verne_worker;

-- Hands deliveries back untouched, at a clean stop: another worker may have them at once, and the try does not count.
-- Answers which; a row that a publisher has locked is left out, to be asked for again.
create or replace function public.return_deliveries(ids text[], fences text[]) returns jsonb
language sql security definer set search_path = '' as $$
  with free as materialized (
    select d.id from verne.deliveries d join unnest(ids, fences) asked(id, fence)
      on d.id = asked.id::bigint and d.fence = asked.fence::int
    where d.state = 'open' and d.worker is not null
    for update of d skip locked),
  returned as (
    update verne.deliveries d set worker = null, due_at = verne.now(), attempts = d.attempts - 1
    from free where d.id = free.id returning d.id)
  select jsonb_build_object('returned', coalesce(jsonb_agg(returned.id::text), '[]')) from returned
$$;
revoke all on function public.return_deliveries from public, anon, authenticated;
grant execute on function public.return_deliveries to service_role, verne_worker;

-- Resolves the patterns for a topic that appears for the first time.
create or replace function verne.route_topic(topic text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  if exists (select from verne.topics t where t.topic = route_topic.topic) then
    return;
  end if;
  insert into verne.topics (topic) values (route_topic.topic) on conflict do nothing;
  insert into verne.routes (topic, subscriber)
  select route_topic.topic, s.subscriber from verne.subscriptions s where route_topic.topic ~ s.matcher
  on conflict do nothing;
end $$;

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

-- Adds or changes a subscription. Called by migrations only, so that every running release agrees on it.
create or replace function verne.subscribe(subscriber text, patterns text[], mode text, options jsonb default '{}') returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  -- A topic that appears at this moment must see the subscription, or be seen by it.
  lock table verne.topics in share row exclusive mode;
  insert into verne.subscriptions (subscriber, patterns, matcher, mode, lease_ms, max_attempts, backoff_ms, delay_ms)
  values (subscribe.subscriber, subscribe.patterns, verne.matcher(subscribe.patterns), subscribe.mode,
    (options ->> 'lease_ms')::int, coalesce((options ->> 'max_attempts')::int, 12),
    coalesce((options ->> 'backoff_ms')::int, 1000), coalesce((options ->> 'delay_ms')::int, 0))
  on conflict (subscriber) do update set
    patterns = excluded.patterns, matcher = excluded.matcher, mode = excluded.mode, lease_ms = excluded.lease_ms,
    max_attempts = excluded.max_attempts, backoff_ms = excluded.backoff_ms, delay_ms = excluded.delay_ms, retired_at = null;
  delete from verne.routes where subscriber = subscribe.subscriber;
  insert into verne.routes (topic, subscriber)
  select t.topic, s.subscriber from verne.topics t
  join verne.subscriptions s on s.subscriber = subscribe.subscriber and t.topic ~ s.matcher;
end $$;

-- For doors that only tell a fact: publishes one event.
create or replace function public.tell(topic text, key text, payload jsonb default '{}', options jsonb default '{}') returns jsonb
language sql security definer set search_path = '' as $$
  select jsonb_build_object('event_id', verne.publish_event(tell.topic, tell.key, tell.payload, tell.options)::text)
$$;
revoke all on function public.tell from public, anon, authenticated;
grant execute on function public.tell to service_role, verne_worker;

-- What a Jules account allows: sessions in any 24 hours, and at once.
create or replace function verne.account_limits(account_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('per_day', a.per_day, 'at_once', a.at_once) from verne.accounts a where a.id = account_limits.account_id
$$;

-- Records what an actor did or was refused, in the transaction of what it records. Always the last lock taken.
create or replace function verne.append_audit(actor jsonb, operation text, outcome text, args jsonb default '{}') returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare guild text := coalesce(actor ->> 'guild', '');
begin
  perform pg_advisory_xact_lock(hashtextextended('audit:' || guild, 7));
  insert into verne.audit (guild_id, seq, actor_id, door, command, operation, args, channel_id, outcome, correlation_id)
  select guild, coalesce(max(a.seq), 0) + 1, actor ->> 'id', actor ->> 'door', actor ->> 'command', append_audit.operation,
    coalesce(append_audit.args, '{}'), actor ->> 'channel', append_audit.outcome, (actor ->> 'correlation')::uuid
  from verne.audit a where a.guild_id = guild;
end $$;

-- The one gate: the first statement of every function that acts for a person. Answers {kind: allowed} with what
-- applies to the actor, or {kind: not_permitted} with the roles that would be needed; a refusal is audited here.
create or replace function verne.authorise(actor jsonb, operation text, args jsonb default '{}') returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  if actor ->> 'guild' is null then
    perform verne.append_audit(actor, authorise.operation, 'refused: not in a server', args);
    return jsonb_build_object('kind', 'not_in_a_server');
  end if;
  guild := verne.touch_guild(actor);
  if verne.may(actor, authorise.operation, guild) is not true then
    perform verne.append_audit(actor, authorise.operation, 'refused: not permitted', args);
    return jsonb_build_object('kind', 'not_permitted', 'operation', authorise.operation,
      'roles', case when authorise.operation in ('task.confirm', 'task.cancel') then guild.permissions -> 'confirm_roles'
        when authorise.operation = 'task.create' then (guild.permissions -> 'create_roles') || (guild.permissions -> 'confirm_roles')
        else '[]'::jsonb end);
  end if;
  return jsonb_build_object('kind', 'allowed') || verne.standing(actor, guild);
end $$;

-- Changes the settings named in `changes` and leaves the rest: create_roles, confirm_roles, default_repo,
-- default_branch, approver_notice, approver_people.
create or replace function public.change_settings(actor jsonb, changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare gate jsonb := verne.authorise(actor, 'settings.change', changes);
begin
  if gate ->> 'kind' <> 'allowed' then
    return gate;
  end if;
  update public.guilds g set
    permissions = g.permissions
      || case when changes ? 'create_roles' then jsonb_build_object('create_roles', changes -> 'create_roles') else '{}' end
      || case when changes ? 'confirm_roles' then jsonb_build_object('confirm_roles', changes -> 'confirm_roles') else '{}' end,
    default_repo = case when changes ? 'default_repo' then changes ->> 'default_repo' else g.default_repo end,
    default_branch = coalesce(changes ->> 'default_branch', g.default_branch),
    approver_notice = coalesce(changes ->> 'approver_notice', g.approver_notice),
    approver_people = case when changes ? 'approver_people'
      then array(select jsonb_array_elements_text(changes -> 'approver_people')) else g.approver_people end,
    revision = g.revision + 1
  where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.change', 'allowed', changes);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_settings from public, anon, authenticated;
grant execute on function public.change_settings to service_role, verne_worker;

-- Sets, or with a null repo forgets, the repository that a person or a channel uses when none is named.
create or replace function public.choose_repo(actor jsonb, kind text, id text, repo text default null, branch text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case choose_repo.kind when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_build_object('kind', choose_repo.kind, 'id', choose_repo.id, 'repo', choose_repo.repo, 'branch', choose_repo.branch);
  gate jsonb := verne.authorise(actor, operation, args);
begin
  if gate ->> 'kind' <> 'allowed' then
    return gate;
  end if;
  delete from verne.repo_choices r
  where r.guild_id = gate ->> 'guild_id' and r.kind = choose_repo.kind
    and r.id = case choose_repo.kind when 'person' then actor ->> 'id' else choose_repo.id end;
  if choose_repo.repo is not null then
    insert into verne.repo_choices (guild_id, kind, id, repo, branch)
    values (gate ->> 'guild_id', choose_repo.kind,
      case choose_repo.kind when 'person' then actor ->> 'id' else choose_repo.id end, choose_repo.repo, choose_repo.branch);
  end if;
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.choose_repo from public, anon, authenticated;
grant execute on function public.choose_repo to service_role, verne_worker;

-- Whether the actor's roles allow an operation. Until roles are set only Manage Server may; a confirm role implies create.
-- Asked with `is true`: null refuses.
create or replace function verne.may(actor jsonb, operation text, guild public.guilds) returns boolean
language sql immutable set search_path = '' as $$
  with allowed as (select
    coalesce(case when jsonb_array_length(guild.permissions -> 'confirm_roles') = 0 then (actor ->> 'admin')::boolean
      else exists (select from jsonb_array_elements_text(guild.permissions -> 'confirm_roles') role(id) where actor -> 'roles' ? role.id) end, false) as confirm,
    coalesce(case when jsonb_array_length(guild.permissions -> 'create_roles') = 0 then (actor ->> 'admin')::boolean
      else exists (select from jsonb_array_elements_text(guild.permissions -> 'create_roles') role(id) where actor -> 'roles' ? role.id) end, false) as create)
  select actor ->> 'guild' = guild.guild_id and case operation
    when 'task.create' then allowed.create or allowed.confirm
    when 'task.confirm' then allowed.confirm
    when 'task.cancel' then allowed.confirm
    when 'task.read' then true
    when 'settings.read' then true
    when 'settings.change' then (actor ->> 'admin')::boolean
    when 'own.change' then true
    else false end
  from allowed
$$;

-- The short number of a server's next task, by which people name it.
create or replace function verne.next_task_number(guild uuid) returns int
language sql set search_path = '' as $$
  update public.guilds g set last_task_number = g.last_task_number + 1 where g.id = next_task_number.guild
  returning g.last_task_number
$$;

-- A sealed key with what its seal is bound to, or the one that its owner entered in its stead for the same Jules
-- account; null where it was revoked. For the keyring alone.
create or replace function public.read_key(key_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('id', k.id, 'guild_id', k.guild_id, 'owner_id', k.owner_id, 'sealed', k.sealed,
    'wrapped', k.wrapped, 'kek_version', k.kek_version, 'last4', k.last4, 'account', k.account_id)
  from verne.keys asked join verne.keys k on k.account_id = asked.account_id and k.revoked_at is null
    and k.guild_id is not distinct from asked.guild_id and k.owner_id is not distinct from asked.owner_id
  where asked.id = read_key.key_id::uuid
$$;
revoke all on function public.read_key from public, anon, authenticated;
grant execute on function public.read_key to service_role, verne_worker;

-- The server's settings as its members may see them; a key only as its last four.
create or replace function public.read_settings(actor jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare gate jsonb := verne.authorise(actor, 'settings.read'); guild public.guilds;
begin
  if gate ->> 'kind' <> 'allowed' then
    return gate;
  end if;
  select * into guild from public.guilds g where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.read', 'allowed');
  return jsonb_build_object('kind', 'settings', 'revision', guild.revision,
    'create_roles', guild.permissions -> 'create_roles', 'confirm_roles', guild.permissions -> 'confirm_roles',
    'default_repo', guild.default_repo, 'default_branch', guild.default_branch, 'repos', gate -> 'repos',
    'notice', gate -> 'notice', 'may_change', verne.may(actor, 'settings.change', guild) is true,
    'key_in_use', gate -> 'key',
    'keys', (select coalesce(jsonb_agg(jsonb_build_object('owner', case when k.owner_id is null then 'server' else 'person' end,
        'last4', k.last4, 'added_at', k.added_at) order by k.owner_id is null), '[]')
      from verne.keys k where k.revoked_at is null and (k.guild_id = guild.guild_id or k.owner_id = actor ->> 'id')),
    'channels', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'repo', r.repo, 'branch', r.branch) order by r.id), '[]')
      from verne.repo_choices r where r.guild_id = guild.guild_id and r.kind = 'channel'));
end $$;
revoke all on function public.read_settings from public, anon, authenticated;
grant execute on function public.read_settings to service_role, verne_worker;

-- A door's own refusal (a malformed option, a missing permission of the bot) leaves its entry too.
create or replace function public.record_refusal(actor jsonb, operation text, code text, args jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.append_audit(record_refusal.actor, record_refusal.operation, 'refused: ' || record_refusal.code, record_refusal.args);
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_refusal from public, anon, authenticated;
grant execute on function public.record_refusal to service_role, verne_worker;

-- Revokes the server's or the actor's key: no new call is made with it.
create or replace function public.remove_key(actor jsonb, owner text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  gate jsonb := verne.authorise(actor, operation, jsonb_build_object('remove_key_of', owner));
  gone int;
begin
  if gate ->> 'kind' <> 'allowed' then
    return gate;
  end if;
  update verne.keys k set revoked_at = verne.now()
  where k.revoked_at is null and case owner when 'person' then k.owner_id = actor ->> 'id' else k.guild_id = gate ->> 'guild_id' end;
  get diagnostics gone = row_count;
  if owner = 'person' then
    update public.users u set jules_api_key = null where u.discord_id = actor ->> 'id';
  else
    update public.guilds g set default_jules_api_key = null where g.guild_id = gate ->> 'guild_id';
  end if;
  perform verne.append_audit(actor, operation, 'allowed', jsonb_build_object('remove_key_of', owner));
  return jsonb_build_object('kind', case gone when 0 then 'no_key' else 'removed' end);
end $$;
revoke all on function public.remove_key from public, anon, authenticated;
grant execute on function public.remove_key to service_role, verne_worker;

-- What applies to this actor in this server: key, repository, who is told of pending tasks.
create or replace function verne.standing(actor jsonb, guild public.guilds) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'guild', guild.id, 'guild_id', guild.guild_id,
    'user', (select u.id from public.users u where u.discord_id = actor ->> 'id'),
    'may_confirm', verne.may(actor, 'task.confirm', guild) is true,
    'confirm_roles', guild.permissions -> 'confirm_roles', 'create_roles', guild.permissions -> 'create_roles',
    'notice', jsonb_build_object('how', guild.approver_notice, 'people', guild.approver_people,
      'roles', guild.permissions -> 'confirm_roles'),
    'key', (select jsonb_build_object('id', k.id, 'account', k.account_id, 'last4', k.last4,
        'owner', case when k.owner_id is null then 'server' else 'person' end)
      from verne.keys k where k.revoked_at is null and (k.owner_id = actor ->> 'id' or k.guild_id = guild.guild_id)
      order by k.owner_id is null limit 1),
    'repos', (select coalesce(jsonb_agg(jsonb_build_object('from', c.source, 'repo', c.repo, 'branch', c.branch) order by c.rank), '[]')
      from (
        select 1 as rank, 'person' as source, r.repo, r.branch from verne.repo_choices r
        where r.guild_id = guild.guild_id and r.kind = 'person' and r.id = actor ->> 'id'
        union all
        select 2, 'channel', r.repo, r.branch from verne.repo_choices r
        where r.guild_id = guild.guild_id and r.kind = 'channel' and r.id in (actor ->> 'channel', actor ->> 'parent_channel')
        union all
        select 3, 'server', guild.default_repo, guild.default_branch where guild.default_repo is not null) c))
$$;

-- The standing of an actor without acting: nothing is made, nothing is audited. Null where the server is unknown.
create or replace function verne.standing_of(actor jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select verne.standing(actor, g) || jsonb_build_object('may_create', verne.may(actor, 'task.create', g) is true)
  from public.guilds g where g.guild_id = actor ->> 'guild'
$$;

-- Stores a sealed Jules key for the server or for the actor; the one before it is revoked. `sealed` holds id, sealed,
-- wrapped, kek_version, last4, fingerprint, per_day, at_once: never the key itself.
create or replace function public.store_key(actor jsonb, owner text, sealed jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_build_object('key_of', owner, 'last4', sealed ->> 'last4');
  gate jsonb := verne.authorise(actor, operation, args);
  account uuid;
begin
  if gate ->> 'kind' <> 'allowed' then
    return gate;
  end if;
  insert into verne.accounts (fingerprint, per_day, at_once)
  values (sealed ->> 'fingerprint', (sealed ->> 'per_day')::int, (sealed ->> 'at_once')::int)
  on conflict (fingerprint) do update set per_day = excluded.per_day, at_once = excluded.at_once
  returning id into account;
  update verne.keys k set revoked_at = verne.now()
  where k.revoked_at is null and case owner when 'person' then k.owner_id = actor ->> 'id' else k.guild_id = gate ->> 'guild_id' end;
  insert into verne.keys (id, account_id, guild_id, owner_id, sealed, wrapped, kek_version, last4, added_by)
  values ((sealed ->> 'id')::uuid, account, case owner when 'server' then gate ->> 'guild_id' end,
    case owner when 'person' then actor ->> 'id' end,
    sealed ->> 'sealed', sealed ->> 'wrapped', sealed ->> 'kek_version', sealed ->> 'last4', actor ->> 'id');
  if owner = 'person' then
    update public.users u set jules_api_key = '•••• ' || (sealed ->> 'last4') where u.discord_id = actor ->> 'id';
  else
    update public.guilds g set default_jules_api_key = '•••• ' || (sealed ->> 'last4') where g.guild_id = gate ->> 'guild_id';
  end if;
  perform verne.publish_event('key.added', 'key:' || (sealed ->> 'id'), jsonb_build_object('account', account),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'guilds'));
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'stored', 'last4', sealed ->> 'last4');
end $$;
revoke all on function public.store_key from public, anon, authenticated;
grant execute on function public.store_key to service_role, verne_worker;

-- The server's row, made at its first interaction with safe defaults: nobody but Manage Server may create or confirm.
create or replace function verne.touch_guild(actor jsonb) returns public.guilds
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  insert into public.users (discord_id, discord_username)
  select actor ->> 'id', actor ->> 'name' where actor ->> 'door' <> 'operator' -- who runs the service need not be on Discord
  on conflict (discord_id) do update set discord_username = excluded.discord_username
    where users.discord_username is distinct from excluded.discord_username;
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  if guild.id is null then
    insert into public.guilds (guild_id, name) values (actor ->> 'guild', actor ->> 'guild_name')
    on conflict (guild_id) do nothing;
    select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  end if;
  return guild;
end $$;

-- Starts as many queued sessions as the account's last 24 hours and running limit allow: the server with the fewest
-- running first, then the oldest request.
create or replace function verne.admit_tasks(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  limits jsonb := verne.account_limits(admit_tasks.account_id);
  next record;
begin
  perform verne.lock_account(admit_tasks.account_id);
  while (select count(*) < (limits ->> 'at_once')::int from verne.sessions s
         where s.account_id = admit_tasks.account_id and s.admitted_at is not null and s.ended_at is null)
    and (select coalesce(sum(1 + s.recreated), 0) < (limits ->> 'per_day')::int from verne.sessions s
         where s.account_id = admit_tasks.account_id and s.admitted_at > verne.now() - interval '24 hours')
  loop
    select s.task_id, s.tenant, t.correlation_id into next from verne.sessions s join public.tasks t on t.id = s.task_id
    where s.account_id = admit_tasks.account_id and s.phase = 'queued' and s.admitted_at is null and s.ended_at is null
    order by (select count(*) from verne.sessions r
      where r.account_id = s.account_id and r.tenant = s.tenant and r.admitted_at is not null and r.ended_at is null), s.queued_at
    limit 1;
    exit when next.task_id is null;
    update verne.sessions s set admitted_at = verne.now(), phase = 'opening', revision = s.revision + 1 where s.task_id = next.task_id;
    perform verne.publish_event('task.admitted', 'task:' || next.task_id, '{}',
      jsonb_build_object('tenant', next.tenant, 'source', 'tasks', 'correlation', next.correlation_id));
  end loop;
end $$;

-- What a decision brings about: a session in the queue, a word to the requester, a place given back.
create or replace function verne.after_decision(task public.tasks, verb text, tenant text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  if verb = 'confirm' then
    perform verne.queue_session(task, after_decision.tenant);
  elsif verb = 'reject' then
    perform verne.add_message('task:' || task.id, 'note', 'rejection', jsonb_build_object('place', 'dm', 'id', task.discord_user_id),
      jsonb_build_object('by', task.decided_by, 'reason', task.reason, 'guild_id', after_decision.tenant), 'task:' || task.id || ':rejection');
  elsif verb = 'cancel' then
    update verne.sessions s set ended_at = verne.now(), revision = s.revision + 1,
      phase = case when s.name is null and s.attempted_at is null then 'stopped' else s.phase end
    where s.task_id = task.id and s.ended_at is null;
    perform verne.admit_tasks(task.account_id);
    if task.ended_by <> task.discord_user_id then
      perform verne.add_message('task:' || task.id, 'note', 'cancellation', jsonb_build_object('place', 'channel', 'id', task.channel_id),
        jsonb_build_object('by', task.ended_by, 'guild_id', after_decision.tenant), 'task:' || task.id || ':cancellation');
    end if;
  end if;
end $$;

-- The repository and branch of a request: option, else person, channel, server. Known to be wrong is said at once;
-- where the list of repositories is older than 15 minutes, the worker checks instead.
create or replace function verne.choose_target(standing jsonb, wish jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  choice jsonb := case when wish ->> 'repo' is not null
    then jsonb_build_object('from', 'option', 'repo', wish ->> 'repo') else standing -> 'repos' -> 0 end;
  mine uuid := (standing -> 'key' ->> 'id')::uuid;
  source verne.sources;
  branch text;
  is_fresh boolean;
begin
  if choice is null then
    return jsonb_build_object('kind', 'no_repo');
  end if;
  select * into source from verne.sources s where s.key_id = mine and lower(s.repo) = lower(choice ->> 'repo');
  select l.listed_at > verne.now() - interval '15 minutes' and l.problem is null into is_fresh
  from verne.source_lists l where l.key_id = mine;
  if source.name is null and is_fresh then
    return jsonb_build_object('kind', 'unknown_repo', 'repo', choice ->> 'repo', 'repos', (
      select coalesce(jsonb_agg(near.repo), '[]') from (select s.repo from verne.sources s
        where s.key_id = mine order by s.repo limit 5) near));
  end if;
  branch := coalesce(wish ->> 'branch', choice ->> 'branch', source.default_branch,
    (select r ->> 'branch' from jsonb_array_elements(standing -> 'repos') r where r ->> 'from' = 'server'), 'main');
  if is_fresh and cardinality(source.branches) > 0 and not branch = any (source.branches) then
    return jsonb_build_object('kind', 'unknown_branch', 'repo', source.repo, 'branch', branch,
      'branches', to_jsonb(source.branches[1:5]));
  end if;
  return jsonb_build_object('kind', 'target', 'repo', coalesce(source.repo, choice ->> 'repo'), 'branch', branch, 'from', choice ->> 'from');
end $$;

-- Takes an intent back: the POST certainly made nothing (not counted), or was looked for in vain through its whole window.
create or replace function public.clear_attempt(task_id text, revision int, counted boolean, why text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  update verne.sessions s set attempted_at = null, attempts = case when counted then s.attempts else s.attempts - 1 end,
    phase = case when s.ended_at is not null then 'stopped' when counted and s.attempts >= 3 then 'unsure' else s.phase end,
    revision = s.revision + 1
  where s.task_id = clear_attempt.task_id::uuid and s.revision = clear_attempt.revision and s.name is null
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  update public.tasks t set last_error = why where t.id = session.task_id and t.status = 'in_progress';
  if session.phase = 'unsure' then -- three times without an answer: a person must decide
    perform verne.add_message('task:' || session.task_id, 'note', 'outcome',
      (select jsonb_build_object('place', 'channel', 'id', t.channel_id) from public.tasks t where t.id = session.task_id),
      jsonb_build_object('phase', 'unsure', 'error', why, 'guild_id', session.tenant), 'task:' || session.task_id || ':unsure');
  end if;
  perform verne.publish_event('session.delayed', 'task:' || session.task_id, '{}',
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  return jsonb_build_object('kind', 'cleared', 'phase', session.phase, 'revision', session.revision);
end $$;
revoke all on function public.clear_attempt from public, anon, authenticated;
grant execute on function public.clear_attempt to service_role, verne_worker;

-- Confirm, reject or cancel: one winner. The loser is told what the task is by now and who decided it.
create or replace function public.decide_task(actor jsonb, task_id text, verb text, reason text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'verb', verb, 'has_reason', reason is not null);
  task public.tasks;
  move verne.transitions;
  gate jsonb;
begin
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = decide_task.task_id::uuid;
  select * into task from public.tasks t where t.id = decide_task.task_id::uuid for update;
  select * into move from verne.transitions m
  where m.noun = 'task' and m.from_state = task.status and m.verb = decide_task.verb and m.operation is not null;
  -- Whoever asked may withdraw what they asked; everything else needs the operation's role.
  gate := verne.authorise(actor, case when verb = 'cancel' and task.discord_user_id = actor ->> 'id' then 'task.read'
    when verb = 'cancel' then 'task.cancel' else 'task.confirm' end, args);
  if gate ->> 'kind' <> 'allowed' then
    return gate;
  end if;
  if task.guild_id is distinct from (gate ->> 'guild')::uuid then
    perform verne.append_audit(actor, 'task.' || verb, 'refused: unknown task', args);
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  if move.verb is null then
    perform verne.append_audit(actor, 'task.' || verb, 'refused: too late', args);
    return jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id));
  end if;
  update public.tasks t set status = move.to_state,
    decided_by = case when verb in ('confirm', 'reject') then actor ->> 'id' else t.decided_by end,
    decided_at = case when verb in ('confirm', 'reject') then verne.now() else t.decided_at end,
    ended_by = case when verb = 'cancel' then actor ->> 'id' end,
    reason = coalesce(decide_task.reason, t.reason)
  where t.id = task.id returning * into task;
  perform verne.publish_event(move.topic, 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.after_decision(task, verb, gate ->> 'guild_id');
  perform verne.append_audit(actor, 'task.' || verb, 'allowed', args);
  return jsonb_build_object('kind', 'decided', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.decide_task from public, anon, authenticated;
grant execute on function public.decide_task to service_role, verne_worker;

-- A session's end (or its coming back) moves the task; a late pull request of finished work is kept as well.
-- The end is told where the task was asked, once per outcome.
create or replace function verne.end_task(task public.tasks, session verne.sessions, ending jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  move verne.transitions;
  topic text := 'task.updated';
begin
  select * into move from verne.transitions m
  where m.noun = 'task' and m.from_state = task.status and m.verb = ending ->> 'verb' and m.operation is null;
  if move.verb is not null then
    topic := move.topic;
    update public.tasks t set status = move.to_state, pr_url = coalesce(ending ->> 'pr_url', t.pr_url),
      last_error = ending ->> 'error' where t.id = task.id;
  elsif task.status = 'completed' and ending ->> 'pr_url' is not null then
    update public.tasks t set pr_url = ending ->> 'pr_url' where t.id = task.id;
  else
    return;
  end if;
  perform verne.publish_event(topic, 'task:' || task.id, jsonb_build_object('pr_url', ending -> 'pr_url'),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks', 'correlation', task.correlation_id,
      'level', case when topic = 'task.failed' then 2 else 3 end));
  if ending ->> 'verb' <> 'resume' then
    perform verne.add_message('task:' || task.id, 'note', 'outcome', jsonb_build_object('place', 'channel', 'id', task.channel_id),
      jsonb_build_object('phase', session.phase, 'pr_url', ending -> 'pr_url', 'error', ending -> 'error', 'guild_id', session.tenant),
      'task:' || task.id || ':outcome:' || coalesce(ending ->> 'pr_url', session.phase || ':' || session.recreated));
  end if;
  perform verne.admit_tasks(session.account_id);
end $$;

-- No writer, whoever it is, moves a task along a way that the transitions do not have.
create or replace function verne.guard_task() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.status <> old.status and not exists (
    select from verne.transitions t where t.noun = 'task' and t.from_state = old.status and t.to_state = new.status) then
    raise exception 'a task cannot go from % to %', old.status, new.status using errcode = 'VN001';
  end if;
  new.revision := old.revision + 1;
  return new;
end $$;

-- The row of a request. One who may confirm needs no second person: the task starts at once.
create or replace function verne.insert_task(actor jsonb, request_key text, wish jsonb, standing jsonb, target jsonb) returns public.tasks
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  starts boolean := (standing ->> 'may_confirm')::boolean;
begin
  insert into public.tasks (user_id, discord_user_id, guild_id, number, prompt, status, request_key, channel_id,
    repo, repo_from, branch, key_id, account_id, key_owner, key_last4, decided_by, decided_at, parent, origin, correlation_id)
  values ((standing ->> 'user')::uuid, actor ->> 'id', (standing ->> 'guild')::uuid,
    verne.next_task_number((standing ->> 'guild')::uuid), wish ->> 'prompt',
    case when starts then 'in_progress' else 'pending_confirmation' end, insert_task.request_key, actor ->> 'channel',
    target ->> 'repo', target ->> 'from', target ->> 'branch',
    (standing -> 'key' ->> 'id')::uuid, (standing -> 'key' ->> 'account')::uuid, standing -> 'key' ->> 'owner', standing -> 'key' ->> 'last4',
    case when starts then actor ->> 'id' end, case when starts then verne.now() end,
    (wish ->> 'parent')::uuid, wish ->> 'origin', coalesce((actor ->> 'correlation')::uuid, gen_random_uuid()))
  returning * into task;
  return task;
end $$;

-- Whoever may admit tasks takes their account first, before any task: two who went the other way round would wait for
-- each other for ever.
create or replace function verne.lock_account(account_id uuid) returns void
language sql set search_path = '' as $$
  select pg_advisory_xact_lock(hashtextextended('admission:' || lock_account.account_id, 7))
$$;

-- A queued session's place, 1 = next; null where it is not queued.
create or replace function verne.queue_place(session verne.sessions) returns int
language sql stable set search_path = '' as $$
  select case when session.phase = 'queued' and session.admitted_at is null and session.ended_at is null then
    (select count(*)::int from verne.sessions s where s.account_id = session.account_id and s.phase = 'queued'
      and s.admitted_at is null and s.ended_at is null and s.queued_at <= session.queued_at) end
$$;

-- A confirmed task waits for its account's limits, and starts at once where they leave room.
create or replace function verne.queue_session(task public.tasks, tenant text) returns void
language plpgsql set search_path = '' as $$
begin
  insert into verne.sessions (task_id, account_id, key_id, tenant, marker)
  values (task.id, task.account_id, task.key_id, queue_session.tenant,
    'verne:' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 20));
  perform verne.admit_tasks(task.account_id);
end $$;

-- What the sweep of an account watches for: how many sessions live or ended lately, since when, and strays to archive.
create or replace function public.read_account(account_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'key_id', (select s.key_id from verne.sessions s where s.account_id = a.id order by s.queued_at desc limit 1),
    'live', count(*) filter (where s.ended_at is null and s.name is not null),
    'recent', count(*) filter (where s.ended_at > verne.now() - interval '6 hours' and s.name is not null),
    'oldest_at', min(s.opened_at) filter (where s.ended_at is null or s.ended_at > verne.now() - interval '6 hours'),
    'strays', (select coalesce(jsonb_agg(x.name), '[]') from verne.strays x join verne.sessions xs on xs.task_id = x.task_id
      where xs.account_id = a.id and x.archived_at is null),
    'now', verne.now())
  from (select read_account.account_id::uuid as id) a left join verne.sessions s on s.account_id = a.id
  group by a.id
$$;
revoke all on function public.read_account from public, anon, authenticated;
grant execute on function public.read_account to service_role, verne_worker;

-- What autocomplete offers, from the cache: repositories of the key that this person's own request would use, or the
-- branches of one. Persists nothing. `field`: repo or branch.
create or replace function public.read_choices(actor jsonb, field text, typed text, repo text default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  standing jsonb := verne.standing_of(actor);
  mine uuid := (standing -> 'key' ->> 'id')::uuid;
  target text := coalesce(read_choices.repo, standing -> 'repos' -> 0 ->> 'repo');
begin
  if (standing ->> 'may_create')::boolean is not true then
    return '[]';
  end if;
  return (select coalesce(jsonb_agg(found.choice order by found.rank, found.choice), '[]') from (
    select c.choice, case when c.choice ilike typed || '%' then 0 else 1 end as rank
    from verne.sources s cross join lateral (
      select s.repo as choice where field = 'repo'
      union all
      select b from unnest(s.branches) b where field = 'branch' and lower(s.repo) = lower(target)) c
    where s.key_id = mine and position(lower(typed) in lower(c.choice)) > 0
    order by rank, c.choice limit 25) found);
end $$;
revoke all on function public.read_choices from public, anon, authenticated;
grant execute on function public.read_choices to service_role, verne_worker;

-- A task for whoever must show it; null where there is none. For workers, who act for nobody.
create or replace function public.read_task(task_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select verne.task_view(read_task.task_id::uuid)
$$;
revoke all on function public.read_task from public, anon, authenticated;
grant execute on function public.read_task to service_role, verne_worker;

-- What a worker needs to open or follow a task's session; null where the task has none.
create or replace function public.read_work(task_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('task_id', t.id, 'number', t.number, 'status', t.status, 'prompt', t.prompt, 'repo', t.repo,
    'branch', t.branch, 'pr_url', t.pr_url, 'channel_id', t.channel_id, 'guild_id', s.tenant, 'requester', t.discord_user_id,
    'account_id', s.account_id, 'key_id', s.key_id,
    'phase', s.phase, 'marker', s.marker, 'attempts', s.attempts, 'attempted_at', s.attempted_at, 'recreated', s.recreated,
    'name', s.name, 'jules_state', s.jules_state, 'progress', s.progress, 'activities_until', s.activities_until,
    'moved_at', s.moved_at, 'admitted_at', s.admitted_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
    'finishing_since', s.finishing_since, 'ended_at', s.ended_at, 'archived_at', s.archived_at, 'revision', s.revision,
    'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
    -- Jules is asked again from a moment before the last activity that is known: these are the ones that come again.
    'known', (select coalesce(jsonb_agg(a.name), '[]') from verne.activities a
      where a.task_id = t.id and a.created_at > s.activities_until - interval '5 seconds'),
    'source', (select jsonb_build_object('name', c.name, 'branches', c.branches, 'default_branch', c.default_branch)
      from verne.sources c where c.key_id = s.key_id and lower(c.repo) = lower(t.repo)))
  from public.tasks t join verne.sessions s on s.task_id = t.id
  where t.id = read_work.task_id::uuid
$$;
revoke all on function public.read_work from public, anon, authenticated;
grant execute on function public.read_work to service_role, verne_worker;

-- Jules refuses an account's key: every task that depends on it says so on its card, and waits.
create or replace function public.record_account_problem(account_id text, problem text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare hit record;
begin
  for hit in
    update public.tasks t set last_error = record_account_problem.problem from verne.sessions s
    where s.task_id = t.id and s.account_id = record_account_problem.account_id::uuid and s.ended_at is null
      and s.admitted_at is not null and t.status = 'in_progress' and t.last_error is distinct from record_account_problem.problem
    returning t.id, s.tenant
  loop
    perform verne.publish_event('session.delayed', 'task:' || hit.id, '{}', jsonb_build_object('tenant', hit.tenant, 'source', 'tasks'));
  end loop;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_account_problem from public, anon, authenticated;
grant execute on function public.record_account_problem to service_role, verne_worker;

-- Commits the intent to create a session, before the POST. 'taken' where somebody else has written meanwhile.
create or replace function public.record_attempt(task_id text, revision int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  update verne.sessions s set phase = 'opening', attempts = s.attempts + 1, attempted_at = verne.now(), revision = s.revision + 1
  where s.task_id = record_attempt.task_id::uuid and s.revision = record_attempt.revision
    and s.name is null and s.attempted_at is null and s.attempts < 3 and s.admitted_at is not null and s.ended_at is null
    and exists (select from public.tasks t where t.id = s.task_id and t.status = 'in_progress')
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'taken');
  end if;
  return jsonb_build_object('kind', 'recorded', 'revision', session.revision, 'attempted_at', session.attempted_at);
end $$;
revoke all on function public.record_attempt from public, anon, authenticated;
grant execute on function public.record_attempt to service_role, verne_worker;

-- Jules's session becomes the task's one session. `opened`: name, url, state, and strays, the others of the same marker.
create or replace function public.record_opened(task_id text, opened jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  insert into verne.strays (name, task_id) select stray.name, record_opened.task_id::uuid
  from jsonb_array_elements_text(coalesce(opened -> 'strays', '[]')) stray(name) on conflict do nothing;
  update verne.sessions s set name = opened ->> 'name', url = opened ->> 'url', jules_state = opened ->> 'state',
    phase = case when s.ended_at is null then 'planning' else s.phase end,
    attempted_at = null, opened_at = verne.now(), moved_at = verne.now(), revision = s.revision + 1
  where s.task_id = record_opened.task_id::uuid and s.name is null
  returning * into session;
  if session.task_id is null then
    insert into verne.strays (name, task_id)
    select opened ->> 'name', s.task_id from verne.sessions s
    where s.task_id = record_opened.task_id::uuid and s.name <> opened ->> 'name' on conflict do nothing;
    return jsonb_build_object('kind', 'had_one');
  end if;
  update public.tasks t set last_error = null where t.id = session.task_id and t.status = 'in_progress' and t.last_error is not null;
  perform verne.publish_event('session.opened', 'task:' || session.task_id, jsonb_build_object('name', session.name),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  perform verne.publish_event('account.watched', 'account:' || session.account_id, '{}', jsonb_build_object('source', 'tasks'));
  return jsonb_build_object('kind', 'opened');
end $$;
revoke all on function public.record_opened from public, anon, authenticated;
grant execute on function public.record_opened to service_role, verne_worker;

-- The one write of following a session: what Jules said, what it means for the task, what people are to be told.
-- `change`: phase, jules_state, url, progress, activities_until, moved, approved, finishing, archived, plan, activities,
-- notes, last_error, end {verb, pr_url, error}. 'stale' where somebody else has written meanwhile.
create or replace function public.record_session(task_id text, revision int, change jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  session verne.sessions;
  task public.tasks;
begin
  if change ? 'end' then
    perform verne.lock_account(t.account_id) from public.tasks t where t.id = record_session.task_id::uuid;
  end if;
  select * into task from public.tasks t where t.id = record_session.task_id::uuid for update;
  update verne.sessions s set
    phase = coalesce(change ->> 'phase', s.phase), jules_state = coalesce(change ->> 'jules_state', s.jules_state),
    url = coalesce(change ->> 'url', s.url), progress = coalesce(change -> 'progress', s.progress),
    activities_until = coalesce((change ->> 'activities_until')::timestamptz, s.activities_until),
    moved_at = case when (change ->> 'moved')::boolean then verne.now() else s.moved_at end,
    approved_at = case when (change ->> 'approved')::boolean then coalesce(s.approved_at, verne.now()) else s.approved_at end,
    archived_at = case when (change ->> 'archived')::boolean then verne.now() else s.archived_at end,
    finishing_since = case when (change ->> 'finishing')::boolean then coalesce(s.finishing_since, verne.now()) end,
    ended_at = case when change -> 'end' ->> 'verb' = 'resume' then null
      when change -> 'end' is not null then verne.now() else s.ended_at end,
    revision = s.revision + 1
  where s.task_id = task.id and s.revision = record_session.revision
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  perform verne.store_activities(task.id, change);
  if change ? 'end' then
    perform verne.end_task(task, session, change -> 'end');
  else
    update public.tasks t set last_error = change ->> 'last_error'
    where t.id = task.id and t.status = 'in_progress' and change ? 'last_error' and t.last_error is distinct from change ->> 'last_error';
    perform verne.publish_event('session.progressed', 'task:' || task.id, jsonb_build_object('phase', session.phase),
      jsonb_build_object('tenant', session.tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  return jsonb_build_object('kind', 'recorded', 'revision', session.revision);
end $$;
revoke all on function public.record_session from public, anon, authenticated;
grant execute on function public.record_session to service_role, verne_worker;

-- What Jules lists for a key, replacing what it listed before; or why it could not be asked.
create or replace function public.record_sources(key_id text, sources jsonb, problem text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  insert into verne.source_lists as list (key_id, listed_at, problem)
  values (record_sources.key_id::uuid, case when record_sources.problem is null then verne.now() end, record_sources.problem)
  on conflict (key_id) do update set listed_at = coalesce(excluded.listed_at, list.listed_at), problem = excluded.problem;
  if record_sources.problem is not null then
    return jsonb_build_object('kind', 'recorded');
  end if;
  delete from verne.sources s where s.key_id = record_sources.key_id::uuid;
  insert into verne.sources (key_id, name, repo, default_branch, branches)
  select record_sources.key_id::uuid, x.name, x.repo, x.default_branch, coalesce(x.branches, '{}')
  from jsonb_to_recordset(record_sources.sources) x(name text, repo text, default_branch text, branches text[])
  on conflict do nothing;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_sources from public, anon, authenticated;
grant execute on function public.record_sources to service_role, verne_worker;

-- One look at an account's list. What moved is told to its follower; a session with a task's marker that is not the
-- task's session is a stray; places that fell free are filled. `seen`: [{name, state, updated_at, marker}].
create or replace function public.record_sweep(account_id text, seen jsonb, archived text[] default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare moved record; moves int := 0;
begin
  perform verne.lock_account(record_sweep.account_id::uuid);
  for moved in
    update verne.sessions s set seen_state = x.state, seen_updated_at = x.updated_at
    from jsonb_to_recordset(seen) x(name text, state text, updated_at timestamptz)
    where s.account_id = record_sweep.account_id::uuid and s.name = x.name
      and (s.seen_state, s.seen_updated_at) is distinct from (x.state, x.updated_at)
    returning s.task_id, s.tenant
  loop
    moves := moves + 1;
    perform verne.publish_event('session.moved', 'task:' || moved.task_id, '{}', jsonb_build_object('tenant', moved.tenant, 'source', 'tasks'));
  end loop;
  insert into verne.strays (name, task_id)
  select x.name, s.task_id from jsonb_to_recordset(seen) x(name text, marker text)
  join verne.sessions s on s.account_id = record_sweep.account_id::uuid and s.marker = x.marker and s.name <> x.name
  on conflict do nothing;
  update verne.strays set archived_at = verne.now() where name = any (archived) and archived_at is null;
  perform verne.admit_tasks(record_sweep.account_id::uuid);
  return jsonb_build_object('moved', moves);
end $$;
revoke all on function public.record_sweep from public, anon, authenticated;
grant execute on function public.record_sweep to service_role, verne_worker;

-- A session that provably never ran (its plan expired before Verne approved it) is put back into the queue under a new
-- marker. The old one becomes a stray: archived, never approved.
create or replace function public.renew_session(task_id text, revision int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  insert into verne.strays (name, task_id) select s.name, s.task_id from verne.sessions s
  where s.task_id = renew_session.task_id::uuid and s.revision = renew_session.revision and s.name is not null
  on conflict do nothing;
  update verne.sessions s set phase = 'opening', name = null, url = null, jules_state = null, seen_state = null, seen_updated_at = null,
    marker = 'verne:' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 20), attempts = 0, attempted_at = null,
    recreated = s.recreated + 1, progress = '{}', activities_until = null, opened_at = null, moved_at = verne.now(),
    finishing_since = null, revision = s.revision + 1
  where s.task_id = renew_session.task_id::uuid and s.revision = renew_session.revision and s.approved_at is null and s.ended_at is null
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  delete from verne.plans p where p.task_id = session.task_id;
  perform verne.publish_event('task.admitted', 'task:' || session.task_id, jsonb_build_object('recreated', session.recreated),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  return jsonb_build_object('kind', 'renewed');
end $$;
revoke all on function public.renew_session from public, anon, authenticated;
grant execute on function public.renew_session to service_role, verne_worker;

-- A person asks: may they, with whose key, on what; then the task, its card, its event and the audit in one transaction.
-- The same request key gives the first answer again. `wish`: prompt, repo, branch, parent, origin.
create or replace function public.request_task(actor jsonb, request_key text, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('repo', wish -> 'repo', 'branch', wish -> 'branch', 'prompt_length', length(wish ->> 'prompt'));
  gate jsonb;
  target jsonb;
  task public.tasks;
begin
  select * into task from public.tasks t where t.request_key = request_task.request_key;
  if task.id is not null then
    return jsonb_build_object('kind', 'requested', 'task', verne.task_view(task.id));
  end if;
  gate := verne.authorise(actor, 'task.create', args);
  if gate ->> 'kind' <> 'allowed' then
    return gate;
  end if;
  target := case when gate -> 'key' = 'null'::jsonb then jsonb_build_object('kind', 'no_key') else verne.choose_target(gate, wish) end;
  if target ->> 'kind' <> 'target' then
    if target ->> 'kind' in ('unknown_repo', 'unknown_branch') then -- it may have been added since: look again at once
      perform verne.publish_event('sources.wanted', 'key:' || (gate -> 'key' ->> 'id'), '{}', jsonb_build_object('source', 'tasks'));
    end if;
    perform verne.append_audit(actor, 'task.create', 'refused: ' || replace(target ->> 'kind', '_', ' '), args);
    return target;
  end if;
  perform verne.lock_account((gate -> 'key' ->> 'account')::uuid);
  task := verne.insert_task(actor, request_key, wish, gate, target);
  perform verne.publish_event('task.requested', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.add_message('task:' || task.id, 'card', 'task', jsonb_build_object('place', 'channel', 'id', task.channel_id),
    jsonb_build_object('notice', gate -> 'notice', 'guild_id', gate ->> 'guild_id'), 'task:' || task.id || ':card');
  if task.status = 'in_progress' then
    perform verne.queue_session(task, gate ->> 'guild_id');
  else
    perform verne.tell_approvers(task, gate);
  end if;
  perform verne.append_audit(actor, 'task.create', 'allowed', args || jsonb_build_object('task', task.id, 'number', task.number));
  return jsonb_build_object('kind', 'requested', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.request_task from public, anon, authenticated;
grant execute on function public.request_task to service_role, verne_worker;

-- The whole prompt, for one pair of eyes: anybody who can see the card may read what it asks for.
create or replace function public.show_prompt(actor jsonb, task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  gate jsonb := verne.authorise(actor, 'task.read', jsonb_build_object('task', task_id));
  task public.tasks;
begin
  if gate ->> 'kind' <> 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = show_prompt.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'task.read', case when task.id is null then 'refused: unknown task' else 'allowed' end,
    jsonb_build_object('task', task_id));
  if task.id is null then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  return jsonb_build_object('kind', 'prompt', 'number', task.number, 'prompt', task.prompt);
end $$;
revoke all on function public.show_prompt from public, anon, authenticated;
grant execute on function public.show_prompt to service_role, verne_worker;

-- Keeps the plan and the activities by name, and hands the notes to whoever shows them. All of it may come twice.
create or replace function verne.store_activities(task_id uuid, change jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare note jsonb;
begin
  insert into verne.plans (task_id, hash, steps)
  select store_activities.task_id, change -> 'plan' ->> 'hash', change -> 'plan' -> 'steps' where change ? 'plan'
  on conflict do nothing;
  insert into verne.activities (task_id, name, kind, created_at, body)
  select store_activities.task_id, a ->> 'name', a ->> 'kind', (a ->> 'created_at')::timestamptz, coalesce(a -> 'body', '{}')
  from jsonb_array_elements(coalesce(change -> 'activities', '[]')) a
  on conflict do nothing;
  for note in select n from jsonb_array_elements(coalesce(change -> 'notes', '[]')) n loop
    perform verne.add_message('task:' || store_activities.task_id, 'note', note ->> 'view', note -> 'at', note -> 'facts', note ->> 'dedupe');
  end loop;
end $$;

-- A task as cards and doors show it: its state, its session, its plan, and the verbs that it may be asked to do.
create or replace function verne.task_view(task_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', t.id, 'number', t.number, 'status', t.status, 'revision', t.revision,
    'prompt', t.prompt, 'repo', t.repo, 'branch', t.branch, 'repo_from', t.repo_from,
    'requester', t.discord_user_id, 'channel_id', t.channel_id, 'created_at', t.created_at,
    'key', jsonb_build_object('owner', t.key_owner, 'last4', t.key_last4),
    'decided_by', t.decided_by, 'decided_at', t.decided_at, 'ended_by', t.ended_by, 'reason', t.reason,
    'pr_url', t.pr_url, 'last_error', t.last_error,
    'session', case when s.task_id is not null then jsonb_build_object(
      'phase', s.phase, 'name', s.name, 'url', s.url, 'jules_state', s.jules_state, 'progress', s.progress,
      'queue_place', verne.queue_place(s), 'moved_at', s.moved_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
      'ended_at', s.ended_at, 'recreated', s.recreated) end,
    'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
    'verbs', (select coalesce(jsonb_agg(m.verb order by m.verb), '[]') from verne.transitions m
      where m.noun = 'task' and m.from_state = t.status and m.operation is not null),
    'now', verne.now())
  from public.tasks t left join verne.sessions s on s.task_id = t.id
  where t.id = task_view.task_id
$$;

-- Named people hear by direct message of a task that waits for them, where the server has set it so. A mention, the
-- other way, is made when the card is posted.
create or replace function verne.tell_approvers(task public.tasks, standing jsonb) returns void
language sql set search_path = '' as $$
  select verne.add_message('task:' || task.id, 'note', 'approval', jsonb_build_object('place', 'dm', 'id', person.id),
    jsonb_build_object('guild_id', standing -> 'guild_id'), 'task:' || task.id || ':approval:' || person.id)
  from jsonb_array_elements_text(standing -> 'notice' -> 'people') person(id)
  where standing -> 'notice' ->> 'how' = 'dm'
$$;

reset check_function_bodies;
