-- What applies to this actor in this server: key, repository, who is told of pending tasks.
create or replace function verne.standing(actor jsonb, guild public.guilds) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object(
      'guild', guild.id, 'guild_id', guild.guild_id,
      'may_confirm', verne.may(actor, 'task.confirm', guild) is true,
      'confirm_roles', guild.permissions -> 'confirm_roles', 'create_roles', guild.permissions -> 'create_roles',
      'notice', jsonb_build_object('how', guild.approver_notice, 'people', guild.approver_people,
        'roles', guild.permissions -> 'confirm_roles'),
      'key', (select jsonb_build_object('id', k.id, 'account', k.account_id, 'last4', k.last4,
          'owner', case when k.owner_id is null then 'server' else 'person' end)
        from verne.keys k where k.revoked_at is null and (k.owner_id = actor ->> 'id' or k.guild_id = guild.guild_id)
        order by k.owner_id is null limit 1),
      'repos', (select coalesce(jsonb_agg(jsonb_build_object('from', c.source, 'repo', c.repo, 'branch', c.branch) order by c.rank), '[]')
        from (
          select 1 as rank, 'person' as source, r.repo, r.branch from verne.repo_choices r
          where r.guild_id = guild.guild_id and r.kind = 'person' and r.id = actor ->> 'id'
          union all
          select 2, 'channel', r.repo, r.branch from verne.repo_choices r
          where r.guild_id = guild.guild_id and r.kind = 'channel' and r.id in (actor ->> 'channel', actor ->> 'parent_channel')
          union all
          select 3, 'server', guild.default_repo, guild.default_branch where guild.default_repo is not null) c)));
end $$;
