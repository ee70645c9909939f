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
