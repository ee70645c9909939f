-- For doors that only tell a fact: publishes one event.
create or replace function public.tell(topic text, key text, payload jsonb default '{}', options jsonb default '{}') returns jsonb
language sql security definer set search_path = '' as $$
  select jsonb_build_object('event_id', verne.publish_event(tell.topic, tell.key, tell.payload, tell.options)::text)
$$;
revoke all on function public.tell from public, anon, authenticated;
grant execute on function public.tell to service_role, verne_worker;
