-- A report of a session from outside: a reason to look at Jules now, and perhaps the pull request that Jules does not
-- name; of a session that nobody knows to be open there is none. The same id for the same task is one report. `report`: id, task_id or session, pr_url, state.
create or replace function public.receive_report(report jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  session verne.sessions;
  pr_url text := report ->> 'pr_url';
  own text; -- the same pull request as Verne writes it
  fact text;
begin
  select * into session from verne.sessions s
  where (report ->> 'task_id' is null or s.task_id = (report ->> 'task_id')::uuid)
    and (report ->> 'session' is null or s.name = 'sessions/' || regexp_replace(report ->> 'session', '^sessions/', ''))
    and (report ->> 'task_id' is not null or report ->> 'session' is not null);
  -- The task before its session, as everywhere: a report and a press on Cancel never wait for each other.
  select * into task from public.tasks t where t.id = session.task_id for no key update;
  if task.id is null then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  own := 'https://github.com/' || task.repo || '/pull/' || substring(pr_url from '/([1-9][0-9]{0,9})$');
  -- Letters may differ in case, those of ASCII alone: elsewhere one may pass for another.
  if pr_url is not null and (lower(pr_url collate "C") = lower(own collate "C")) is not true then
    return jsonb_build_object('kind', 'foreign_pull_request', 'repo', task.repo);
  end if;
  fact := 'report:' || task.id || ':' || (report ->> 'id');
  if verne.known_event(session.tenant, fact) then
    return jsonb_build_object('kind', 'known', 'task_id', task.id);
  end if;
  update verne.sessions s set reported_pr = own, revision = s.revision + 1
  where s.task_id = task.id and own is not null and s.name is not null;
  perform verne.publish_event('session.reported', 'task:' || task.id,
    jsonb_build_object('state', report -> 'state', 'pr_url', own),
    jsonb_build_object('tenant', session.tenant, 'source', 'webhook', 'dedupe', fact));
  return jsonb_build_object('kind', 'accepted', 'task_id', task.id);
end $$;
revoke all on function public.receive_report from public, anon, authenticated;
grant execute on function public.receive_report to service_role, verne_worker;
