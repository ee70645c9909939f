-- What applies to this actor in this server: keys, repository, approval policy, who is told of pending tasks. `keys` are
-- those that a request of theirs may use: their own alone where they have one, else the server's nearest pool, that of the
-- channel before that of a role before everybody's. Never another person's.
create or replace function verne.standing(actor jsonb, guild public.guilds) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object(
      'guild', guild.id, 'guild_id', guild.guild_id,
      'may_confirm', verne.may(actor, 'task.confirm', guild) is true,
      'confirm_roles', guild.permissions -> 'confirm_roles', 'create_roles', guild.permissions -> 'create_roles',
      'policy', jsonb_build_object('approvals', guild.approvals_needed, 'self_approval', guild.self_approval, 'expire_hours', guild.expire_hours,
        'plan_review', guild.plan_review),
      'notice', jsonb_build_object('how', guild.approver_notice, 'people', guild.approver_people,
        'roles', guild.permissions -> 'confirm_roles'),
      'plans', (select c.plans from verne.plan_choices c where c.guild_id = guild.guild_id and c.person_id = actor ->> 'id'),
      'keys', verne.keys_for(actor), 'key', verne.keys_for(actor) -> 0,
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
