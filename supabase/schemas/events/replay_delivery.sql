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
