-- The bot was removed from a server: no work and no posts there, until it is added again.
create or replace function public.leave_guild(guild_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  update public.guilds g set left_at = verne.now() where g.guild_id = leave_guild.guild_id and g.left_at is null;
  if found then
    perform verne.publish_event('guild.left', 'guild:' || leave_guild.guild_id, '{}',
      jsonb_build_object('tenant', leave_guild.guild_id, 'source', 'guilds'));
  end if;
  return jsonb_build_object('kind', 'left');
end $$;
revoke all on function public.leave_guild from public, anon, authenticated;
grant execute on function public.leave_guild to service_role, verne_worker;
