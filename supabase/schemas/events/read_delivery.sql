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
