set check_function_bodies = off;

-- The servers that who is signed in administers, while what the bot saw of them is fresh enough for the purpose: `read`
-- or `write`. Any other purpose finds none.
create or replace function verne.my_guilds(purpose text) returns setof text
language sql stable security definer set search_path = '' as $$
  select m.guild_id from verne.members m
  where m.discord_id in (select verne.my_discord_ids()) and m.is_admin
    and m.seen_at > (select verne.now()) - case purpose
      when 'read' then interval '60 minutes' when 'write' then interval '15 minutes' end
    and m.seen_at <= (select verne.now()) -- else the clock was set back, and how fresh it is nobody knows
$$;
revoke all on function verne.my_guilds from public;
grant execute on function verne.my_guilds to authenticated;

-- Notes what a signed interaction says of its sender: whether they administer the server, and that they were seen. Only
-- what changed or is older than five minutes is written, so most interactions write nothing.
create or replace function verne.note_member(actor jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  administers boolean := coalesce((actor ->> 'admin')::boolean, false);
  instant timestamptz := verne.now();
begin
  if actor ->> 'door' in ('gateway', 'http') is not true or exists (
    select from verne.members m where m.guild_id = actor ->> 'guild' and m.discord_id = actor ->> 'id'
      and m.is_admin = administers and m.seen_at between instant - interval '5 minutes' and instant) then
    return;
  end if;
  insert into verne.members as m (guild_id, discord_id, is_admin)
  values (actor ->> 'guild', actor ->> 'id', administers)
  on conflict (guild_id, discord_id) do update set is_admin = excluded.is_admin, seen_at = excluded.seen_at;
end $$;

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
    insert into public.guilds (guild_id, name) values (actor ->> 'guild', actor ->> 'guild_name')
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

reset check_function_bodies;
