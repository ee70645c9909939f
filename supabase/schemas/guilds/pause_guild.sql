-- The kill switch of a server: while it is on, nothing new begins at Jules and no plan is approved. What runs goes on.
create or replace function public.pause_guild(actor jsonb, pause boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare gate jsonb := verne.authorise(actor, 'settings.change', jsonb_build_object('pause', pause));
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  update public.guilds g set paused_at = case when pause then coalesce(g.paused_at, verne.now()) end,
    paused_by = case when pause then coalesce(g.paused_by, actor ->> 'id') end
  where g.id = (gate ->> 'guild')::uuid;
  perform verne.publish_event(case when pause then 'guild.paused' else 'guild.resumed' end, 'guild:' || (gate ->> 'guild_id'), '{}',
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'guilds'));
  perform verne.append_audit(actor, 'settings.change', 'allowed', jsonb_build_object('pause', pause));
  return jsonb_build_object('kind', case when pause then 'paused_now' else 'resumed' end);
end $$;
revoke all on function public.pause_guild from public, anon, authenticated;
grant execute on function public.pause_guild to service_role, verne_worker;
