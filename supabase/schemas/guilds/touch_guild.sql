-- The server's row, made at its first interaction with safe defaults: nobody but Manage Server may create or confirm.
-- Who asks is noted too, as the interaction shows them.
create or replace function verne.touch_guild(actor jsonb) returns public.guilds
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  -- Looked at first, since an upsert locks the row even where it changes nothing. Who runs the service need not be on Discord.
  if actor ->> 'door' is distinct from 'operator' and not exists (
    select from public.users u where u.discord_id = actor ->> 'id' and u.discord_username is not distinct from actor ->> 'name') then
    insert into public.users (discord_id, discord_username) values (actor ->> 'id', actor ->> 'name')
    on conflict (discord_id) do update set discord_username = excluded.discord_username;
  end if;
  perform verne.note_member(actor);
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  if guild.id is null then
    insert into public.guilds (guild_id, name, language) values (actor ->> 'guild', actor ->> 'guild_name', coalesce(actor ->> 'guild_language', 'en'))
    on conflict (guild_id) do nothing;
    select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
    guild := verne.name_installer(actor, guild);
  end if;
  -- A command is offered only where the bot is, so it was added again: by this a process without the gateway knows. What was
  -- under way at the removal is over after five seconds. A press tells nothing: it may be on a message from before.
  if guild.left_at < verne.now() - interval '5 seconds' and actor ->> 'door' in ('gateway', 'http') and actor ->> 'command' like '/%' then
    perform verne.return_guild(guild.guild_id);
    guild.left_at := null;
  end if;
  return guild;
end $$;
