-- The kill switch of a server: while it is on, nothing new begins at Jules and no plan is approved. What runs goes on.
-- A pause that is not clearly ended (`pause` is false) stays or begins. Says who paused it, and whether the service is too.
create or replace function public.pause_guild(actor jsonb, pause boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('pause', pause);
  gate jsonb := verne.authorise(actor, 'guild.pause', args);
  guild public.guilds;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  update public.guilds g set paused_at = case when pause is not false then verne.now() end,
    paused_by = case when pause is not false then actor ->> 'id' end
  where g.id = (gate ->> 'guild')::uuid and (g.paused_at is null) = (pause is not false);
  if found then
    perform verne.publish_event(case when pause is not false then 'guild.paused' else 'guild.resumed' end, 'guild:' || (gate ->> 'guild_id'), '{}',
      jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'guilds'));
  end if;
  select * into guild from public.guilds g where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'guild.pause', 'allowed', args);
  return jsonb_build_object('kind', case when guild.paused_at is not null then 'paused_now' else 'resumed' end,
    'by', guild.paused_by, 'since', guild.paused_at, 'everywhere', verne.is_paused(''));
end $$;
revoke all on function public.pause_guild from public, anon, authenticated;
grant execute on function public.pause_guild to service_role, verne_worker;
