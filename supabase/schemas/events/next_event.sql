-- The event that a claimed delivery is about: the key's next one (in_order), else the newest or only one.
create or replace function verne.next_event(delivery verne.deliveries, mode text) returns verne.events
language sql stable set search_path = '' as $$
  select e from verne.events e
  where case when next_event.mode = 'in_order' then
      e.key = (delivery).key and e.id > (delivery).seen_id and e.id <= (delivery).event_id
      and exists (select from verne.routes r where r.topic = e.topic and r.subscriber = (delivery).subscriber)
    else e.id = (delivery).event_id end
  order by e.id limit 1
$$;
