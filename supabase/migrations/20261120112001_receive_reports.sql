set check_function_bodies = off;

-- A session's end (or its coming back) moves the task; a late pull request of finished work is kept as well.
-- The end is told where the task was asked, once per outcome.
create or replace function verne.end_task(task public.tasks, session verne.sessions, ending jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  move verne.transitions;
  topic text := 'task.updated';
begin
  select * into move from verne.transitions m
  where m.noun = 'task' and m.from_state = task.status and m.verb = ending ->> 'verb' and m.operation is null;
  if move.verb is not null then
    topic := move.topic;
    update public.tasks t set status = move.to_state, pr_url = coalesce(ending ->> 'pr_url', t.pr_url),
      pr_source = coalesce(ending ->> 'pr_source', t.pr_source),
      last_error = ending ->> 'error' where t.id = task.id;
  elsif task.status = 'completed' and ending ->> 'pr_url' is not null then
    update public.tasks t set pr_url = ending ->> 'pr_url', pr_source = ending ->> 'pr_source' where t.id = task.id;
  else
    return;
  end if;
  perform verne.publish_event(topic, 'task:' || task.id, jsonb_build_object('pr_url', ending -> 'pr_url'),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks', 'correlation', task.correlation_id,
      'level', case when topic = 'task.failed' then 2 else 3 end));
  if ending ->> 'verb' <> 'resume' then
    perform verne.add_message('task:' || task.id, 'note', 'outcome', jsonb_build_object('place', 'channel', 'id', task.channel_id),
      jsonb_build_object('phase', session.phase, 'pr_url', ending -> 'pr_url', 'error', ending -> 'error', 'guild_id', session.tenant),
      'task:' || task.id || ':outcome:' || coalesce(ending ->> 'pr_url', session.phase || ':' || session.recreated));
  end if;
  perform verne.admit_tasks(session.account_id);
end $$;

-- What a worker needs to open or follow a task's session; null where the task has none.
create or replace function public.read_work(task_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('task_id', t.id, 'number', t.number, 'status', t.status, 'prompt', t.prompt, 'repo', t.repo,
    'branch', t.branch, 'pr_url', t.pr_url, 'channel_id', t.channel_id, 'guild_id', s.tenant, 'requester', t.discord_user_id,
    'account_id', s.account_id, 'key_id', s.key_id,
    'phase', s.phase, 'marker', s.marker, 'attempts', s.attempts, 'attempted_at', s.attempted_at, 'recreated', s.recreated,
    'name', s.name, 'jules_state', s.jules_state, 'progress', s.progress, 'activities_until', s.activities_until,
    'moved_at', s.moved_at, 'admitted_at', s.admitted_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
    'finishing_since', s.finishing_since, 'ended_at', s.ended_at, 'archived_at', s.archived_at, 'reported_pr', s.reported_pr, 'revision', s.revision,
    'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
    -- Jules is asked again from a moment before the last activity that is known: these are the ones that come again.
    'known', (select coalesce(jsonb_agg(a.name), '[]') from verne.activities a
      where a.task_id = t.id and a.created_at > s.activities_until - interval '5 seconds'),
    'source', (select jsonb_build_object('name', c.name, 'branches', c.branches, 'default_branch', c.default_branch)
      from verne.sources c where c.key_id = s.key_id and lower(c.repo) = lower(t.repo)))
  from public.tasks t join verne.sessions s on s.task_id = t.id
  where t.id = read_work.task_id::uuid
$$;
revoke all on function public.read_work from public, anon, authenticated;
grant execute on function public.read_work to service_role, verne_worker;

-- A report of a session from outside: a reason to look at Jules now, and perhaps the pull request that Jules does not
-- name. The same report id is one report. `report`: id, task_id or session, pr_url, state.
create or replace function public.receive_report(report jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  session verne.sessions;
  pr_url text := report ->> 'pr_url';
begin
  select * into session from verne.sessions s
  where (report ->> 'task_id' is null or s.task_id = (report ->> 'task_id')::uuid)
    and (report ->> 'session' is null or s.name = 'sessions/' || regexp_replace(report ->> 'session', '^sessions/', ''))
    and (report ->> 'task_id' is not null or report ->> 'session' is not null);
  select * into task from public.tasks t where t.id = session.task_id;
  if task.id is null then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  if pr_url is not null and lower(pr_url) !~ ('^https://github\.com/' || replace(lower(task.repo), '.', '\.') || '/pull/[0-9]+$') then
    return jsonb_build_object('kind', 'foreign_pull_request', 'repo', task.repo);
  end if;
  if exists (select from verne.events e where e.dedupe = 'report:' || (report ->> 'id') and e.tenant = session.tenant) then
    return jsonb_build_object('kind', 'known', 'task_id', task.id);
  end if;
  update verne.sessions s set reported_pr = coalesce(pr_url, s.reported_pr), revision = s.revision + 1
  where s.task_id = task.id and pr_url is not null;
  perform verne.publish_event('session.reported', 'task:' || task.id,
    jsonb_build_object('state', report -> 'state', 'pr_url', report -> 'pr_url'),
    jsonb_build_object('tenant', session.tenant, 'source', 'webhook', 'dedupe', 'report:' || (report ->> 'id')));
  return jsonb_build_object('kind', 'accepted', 'task_id', task.id);
end $$;
revoke all on function public.receive_report from public, anon, authenticated;
grant execute on function public.receive_report to service_role, verne_worker;

-- A task as cards and doors show it: its state, its session, its plan, and the verbs that it may be asked to do.
create or replace function verne.task_view(task_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', t.id, 'number', t.number, 'status', t.status, 'revision', t.revision,
    'prompt', t.prompt, 'repo', t.repo, 'branch', t.branch, 'repo_from', t.repo_from,
    'requester', t.discord_user_id, 'channel_id', t.channel_id, 'created_at', t.created_at,
    'key', jsonb_build_object('owner', t.key_owner, 'last4', t.key_last4),
    'decided_by', t.decided_by, 'decided_at', t.decided_at, 'ended_by', t.ended_by, 'reason', t.reason,
    'pr_url', t.pr_url, 'pr_source', t.pr_source, 'last_error', t.last_error,
    'session', case when s.task_id is not null then jsonb_build_object(
      'phase', s.phase, 'name', s.name, 'url', s.url, 'jules_state', s.jules_state, 'progress', s.progress,
      'queue_place', verne.queue_place(s), 'moved_at', s.moved_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
      'ended_at', s.ended_at, 'recreated', s.recreated) end,
    'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
    'verbs', (select coalesce(jsonb_agg(m.verb order by m.verb), '[]') from verne.transitions m
      where m.noun = 'task' and m.from_state = t.status and m.operation is not null),
    'now', verne.now())
  from public.tasks t left join verne.sessions s on s.task_id = t.id
  where t.id = task_view.task_id
$$;

reset check_function_bodies;
