-- A dashboard's write of a `guilds` row: by one whom the bot saw with Manage Server just now, never to another server,
-- and without putting somebody else forward as the installer.
create or replace function verne.guard_guild() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  me uuid := (select auth.uid());
  before uuid := case tg_op when 'UPDATE' then old.installer_user_id end;
begin
  if tg_op = 'UPDATE' and new.guild_id is distinct from old.guild_id then
    raise exception 'A guilds row keeps its server. Each server has a row of its own.' using errcode = '42501';
  end if;
  if new.guild_id in (select verne.my_guilds('write')) is not true then
    raise exception 'The bot has not seen you with Manage Server in this server within the last 15 minutes. Use /config there, in Discord, then save again.'
      using errcode = '42501';
  end if;
  if tg_op = 'INSERT' then
    new.installer_user_id := coalesce(new.installer_user_id, me);
  end if;
  if new.installer_user_id is distinct from before and (before is not null or new.installer_user_id is distinct from me) then
    raise exception 'installer_user_id names who set the server up. You may write your own id there while it is empty, nothing else.'
      using errcode = '42501';
  end if;
  return new;
end $$;
