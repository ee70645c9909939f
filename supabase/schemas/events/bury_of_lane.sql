-- The poison fact of a lane becomes a row of its own; the lane goes on with what came after it.
create or replace function verne.bury_of_lane(mine verne.deliveries, seen bigint, error text) returns bigint
language plpgsql set search_path = '' as $$
declare dead_id bigint;
begin
  insert into verne.deliveries (subscriber, key, event_id, seen_id, state, due_at, attempts, last_error, settled_at)
  values (mine.subscriber, mine.key, seen, seen - 1, 'dead', verne.now(), mine.attempts, error, verne.now())
  returning id into dead_id;
  update verne.failures set delivery_id = dead_id where delivery_id = mine.id;
  update verne.deliveries d set worker = null, attempts = 0, last_error = null, seen_id = seen,
    due_at = coalesce(verne.due_of_news(mine, seen), verne.now()),
    state = case when d.event_id <= seen then 'done' else 'open' end,
    settled_at = case when d.event_id <= seen then verne.now() end
  where d.id = mine.id;
  return dead_id;
end $$;
