set check_function_bodies = off;

-- The id of a person's row, which keeps it until the transaction ends. At sign-in a dashboard gives the row another id, and
-- whoever waited for that finds the old row gone: the next statement sees the one that stands now.
create or replace function verne.hold_user(discord_id text) returns uuid
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare held uuid;
begin
  select u.id into held from public.users u where u.discord_id = hold_user.discord_id for key share;
  if held is null then
    select u.id into held from public.users u where u.discord_id = hold_user.discord_id for key share;
  end if;
  return held;
end $$;

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

-- The row of a request. One who may confirm needs no second person: the task starts at once.
create or replace function verne.insert_task(actor jsonb, request_key text, wish jsonb, standing jsonb, target jsonb) returns public.tasks
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  starts boolean := (standing ->> 'may_confirm')::boolean;
  owner uuid := verne.hold_user(actor ->> 'id'); -- before the server's row, as at sign-in
begin
  insert into public.tasks (user_id, discord_user_id, guild_id, number, prompt, status, request_key, channel_id,
    repo, repo_from, branch, key_id, account_id, key_owner, key_last4, decided_by, decided_at, correlation_id)
  values (owner, actor ->> 'id', (standing ->> 'guild')::uuid,
    verne.next_task_number((standing ->> 'guild')::uuid), wish ->> 'prompt',
    case when starts then 'in_progress' else 'pending_confirmation' end, insert_task.request_key, actor ->> 'channel',
    target ->> 'repo', target ->> 'from', target ->> 'branch',
    (standing -> 'key' ->> 'id')::uuid, (standing -> 'key' ->> 'account')::uuid, standing -> 'key' ->> 'owner', standing -> 'key' ->> 'last4',
    case when starts then actor ->> 'id' end, case when starts then verne.now() end,
    coalesce((actor ->> 'correlation')::uuid, gen_random_uuid()))
  returning * into task;
  return task;
end $$;

reset check_function_bodies;
