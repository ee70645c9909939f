-- The bot is in a server again that it was removed from: what waited there goes on.
create or replace function verne.return_guild(guild_id text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  update public.guilds g set left_at = null where g.guild_id = return_guild.guild_id and g.left_at is not null;
  if found then
    perform verne.publish_event('guild.returned', 'guild:' || return_guild.guild_id, '{}',
      jsonb_build_object('tenant', return_guild.guild_id, 'source', 'guilds'));
  end if;
end $$;
