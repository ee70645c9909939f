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
