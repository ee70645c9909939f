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
