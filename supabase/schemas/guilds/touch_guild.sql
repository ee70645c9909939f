-- The server's row, made at its first interaction with safe defaults: nobody but Manage Server may create or confirm.
-- Who asks is noted too, as the interaction shows them.
create or replace function verne.touch_guild(actor jsonb) returns public.guilds
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  insert into public.users (discord_id, discord_username)
  select actor ->> 'id', actor ->> 'name' where actor ->> 'door' <> 'operator' -- who runs the service need not be on Discord
  on conflict (discord_id) do update set discord_username = excluded.discord_username
    where users.discord_username is distinct from excluded.discord_username;
  perform verne.note_member(actor);
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  if guild.id is null then
    insert into public.guilds (guild_id, name) values (actor ->> 'guild', actor ->> 'guild_name')
    on conflict (guild_id) do nothing;
    select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
    guild := verne.name_installer(actor, guild);
  end if;
  return guild;
end $$;
