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
