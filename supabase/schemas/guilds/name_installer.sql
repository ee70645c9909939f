-- The first who is seen with Manage Server stands as the one who set the server up.
create or replace function verne.name_installer(actor jsonb, guild public.guilds) returns public.guilds
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare named public.guilds;
begin
  if guild.installer_user_id is not null or (actor ->> 'admin')::boolean is not true
    or actor ->> 'door' in ('gateway', 'http') is not true then
    return guild;
  end if;
  perform from public.users u where u.discord_id = actor ->> 'id' for no key update; -- people before servers, as with keys
  update public.guilds g set installer_user_id = u.id from public.users u
  where g.id = name_installer.guild.id and g.installer_user_id is null and u.discord_id = actor ->> 'id'
  returning g.* into named;
  return case when named.id is null then guild else named end;
end $$;
