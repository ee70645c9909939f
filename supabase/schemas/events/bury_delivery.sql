-- Makes a dead letter. Of a lane only the poison fact dies, with the history of its tries: the lane goes on. It is a
-- fact about the key as well, except where it was such a fact that died.
create or replace function verne.bury_delivery(mine verne.deliveries, seen bigint, error text) returns void
language plpgsql set search_path = '' as $$
declare dead_id bigint := mine.id;
begin
  if mine.lane is null then
    update verne.deliveries set state = 'dead', last_error = error, worker = null, settled_at = verne.now() where id = mine.id;
  else
    dead_id := verne.bury_of_lane(mine, seen, error);
  end if;
  if not exists (select from verne.events e where e.id = seen and e.topic = 'delivery.dead') then
    perform verne.publish_event('delivery.dead', mine.key,
      jsonb_build_object('delivery', dead_id::text, 'subscriber', mine.subscriber, 'error', error),
      jsonb_build_object('source', 'events', 'level', 2));
  end if;
end $$;
