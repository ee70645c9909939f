-- The subscriptions in force; a test holds them equal to the handlers of the code.
create or replace function public.read_subscriptions() returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('subscriber', s.subscriber, 'patterns', s.patterns, 'mode', s.mode) order by s.subscriber), '[]')
  from verne.subscriptions s where s.retired_at is null
$$;
revoke all on function public.read_subscriptions from public, anon, authenticated;
grant execute on function public.read_subscriptions to service_role, verne_worker;
