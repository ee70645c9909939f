-- For a dashboard: which Discord accounts are proven for who is signed in, where the bot has seen them, and what that
-- lets them do now. It says why a server does not show.
create or replace function public.read_membership() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('kind', 'membership',
    'discord_ids', (select coalesce(jsonb_agg(mine.id order by mine.id), '[]') from verne.my_discord_ids() mine(id)),
    'servers', (select coalesce(jsonb_agg(jsonb_build_object('guild_id', m.guild_id, 'name', g.name,
        'is_admin', m.is_admin, 'seen_at', m.seen_at,
        'may_read', m.guild_id in (select verne.my_guilds('read')),
        'may_write', m.guild_id in (select verne.my_guilds('write'))) order by m.guild_id), '[]')
      from verne.members m left join public.guilds g on g.guild_id = m.guild_id
      where m.discord_id in (select verne.my_discord_ids())))
$$;
revoke all on function public.read_membership from public, anon, authenticated;
grant execute on function public.read_membership to authenticated;
