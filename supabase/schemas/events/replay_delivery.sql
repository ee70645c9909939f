-- Reopens a dead letter at the tail of the queue. Handlers read state, so an old one is harmless.
create or replace function public.replay_delivery(id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare dead verne.deliveries;
begin
  select * into dead from verne.deliveries d where d.id = replay_delivery.id::bigint and d.state = 'dead' for update;
  if dead.id is null then
    return jsonb_build_object('kind', 'not_dead', 'id', replay_delivery.id);
  end if;
  update verne.deliveries d set state = 'open', settled_at = null, attempts = 0, fence = d.fence + 1, due_at = verne.now()
  where d.id = dead.id;
  return jsonb_build_object('kind', 'replayed', 'id', replay_delivery.id);
end $$;
revoke all on function public.replay_delivery from public, anon, authenticated;
grant execute on function public.replay_delivery to service_role, verne_worker;
