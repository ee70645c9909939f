set check_function_bodies = off;

-- What a worker needs to open or follow a task's session; null where the task has none.
create or replace function public.read_work(task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('task_id', t.id, 'number', t.number, 'status', t.status, 'prompt', t.prompt, 'repo', t.repo,
      'branch', t.branch, 'pr_url', t.pr_url, 'pr_source', t.pr_source, 'last_error', t.last_error, 'channel_id', t.channel_id, 'guild_id', s.tenant,
      'account_id', s.account_id, 'key_id', s.key_id,
      'phase', s.phase, 'marker', s.marker, 'attempts', s.attempts, 'attempted_at', s.attempted_at, 'recreated', s.recreated,
      'name', s.name, 'jules_state', s.jules_state, 'progress', s.progress, 'activities_until', s.activities_until,
      'moved_at', s.moved_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
      'finishing_since', s.finishing_since, 'ended_at', s.ended_at, 'archived_at', s.archived_at, 'reported_pr', s.reported_pr, 'revision', s.revision,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      -- Jules is asked again from a moment before the last activity that is known: these are the ones that come again.
      'known', (select coalesce(jsonb_agg(a.name), '[]') from verne.activities a
        where a.task_id = t.id and a.created_at > s.activities_until - interval '5 seconds'),
      'source', (select jsonb_build_object('name', c.name, 'branches', c.branches)
        from verne.sources c where c.key_id = s.key_id and lower(c.repo) = lower(t.repo)))
    from public.tasks t join verne.sessions s on s.task_id = t.id
    where t.id = read_work.task_id::uuid);
end $$;
revoke all on function public.read_work from public, anon, authenticated;
grant execute on function public.read_work to service_role, verne_worker;

-- A report of a session from outside: a reason to look at Jules now, and perhaps the pull request that Jules does not
-- name; of a session that nobody knows to be open there is none. The same id for the same task is one report. `report`: id, task_id or session, pr_url, state.
create or replace function public.receive_report(report jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  session verne.sessions;
  pr_url text := report ->> 'pr_url';
  fact text;
begin
  select * into session from verne.sessions s
  where (report ->> 'task_id' is null or s.task_id = (report ->> 'task_id')::uuid)
    and (report ->> 'session' is null or s.name = 'sessions/' || regexp_replace(report ->> 'session', '^sessions/', ''))
    and (report ->> 'task_id' is not null or report ->> 'session' is not null);
  -- The task before its session, as everywhere: a report and a press on Cancel never wait for each other.
  select * into task from public.tasks t where t.id = session.task_id for update;
  if task.id is null then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  if pr_url is not null and lower(pr_url) !~ ('^https://github\.com/' || replace(lower(task.repo), '.', '\.') || '/pull/[0-9]+$') then
    return jsonb_build_object('kind', 'foreign_pull_request', 'repo', task.repo);
  end if;
  fact := 'report:' || task.id || ':' || (report ->> 'id');
  if verne.known_event(session.tenant, fact) then
    return jsonb_build_object('kind', 'known', 'task_id', task.id);
  end if;
  update verne.sessions s set reported_pr = coalesce(pr_url, s.reported_pr), revision = s.revision + 1
  where s.task_id = task.id and pr_url is not null and s.name is not null;
  perform verne.publish_event('session.reported', 'task:' || task.id,
    jsonb_build_object('state', report -> 'state', 'pr_url', report -> 'pr_url'),
    jsonb_build_object('tenant', session.tenant, 'source', 'webhook', 'dedupe', fact));
  return jsonb_build_object('kind', 'accepted', 'task_id', task.id);
end $$;
revoke all on function public.receive_report from public, anon, authenticated;
grant execute on function public.receive_report to service_role, verne_worker;

reset check_function_bodies;
