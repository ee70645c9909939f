-- Gives up a dead letter for good, with the reason of the person who decided it.
create or replace function public.discard_delivery(id text, reason text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.deliveries d set state = 'discarded', settled_at = verne.now(), last_error = d.last_error || ' · discarded: ' || discard_delivery.reason
  where d.id = discard_delivery.id::bigint and d.state = 'dead';
  if not found then
    return jsonb_build_object('kind', 'not_dead', 'id', discard_delivery.id);
  end if;
  return jsonb_build_object('kind', 'discarded', 'id', discard_delivery.id);
end $$;
revoke all on function public.discard_delivery from public, anon, authenticated;
grant execute on function public.discard_delivery to service_role, verne_worker;
