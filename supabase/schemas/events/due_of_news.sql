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
