-- How fast people and servers may act, as whoever runs the service has configured it: {scope: actions a minute}. Half of a
-- minute's may come at once.
create or replace function public.set_rates(per_minute jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.rate_limits l set per_minute = x.value::numeric, burst = greatest(1, ceil(x.value::numeric / 2))::int
  from jsonb_each_text(set_rates.per_minute) x
  where x.key = l.scope and l.per_minute is distinct from x.value::numeric;
  return jsonb_build_object('kind', 'set');
end $$;
revoke all on function public.set_rates from public, anon, authenticated;
grant execute on function public.set_rates to service_role, verne_worker;
