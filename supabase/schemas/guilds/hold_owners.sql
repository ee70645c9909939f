-- Takes the rows of those whose keys are to be written, before the keys: people, then servers, each in one order. They show
-- the keys' masks; and an act may hold its server's row before it comes to a key.
create or replace function verne.hold_owners(guild_ids text[], owner_ids text[]) returns void
language plpgsql set search_path = '' as $$
begin
  perform from public.users u where u.discord_id = any (hold_owners.owner_ids) order by u.discord_id for no key update;
  perform from public.guilds g where g.guild_id = any (hold_owners.guild_ids) order by g.guild_id for no key update;
end $$;
