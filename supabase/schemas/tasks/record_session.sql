-- The one write of following a session: what Jules said, what it means for the task, what people are to be told.
-- `change`: phase, jules_state, url, progress, activities_until, moved, silent, approval_sent, approved, finishing, archived, missing,
-- deleted, plan, patch, activities, notes, last_error, end {verb, pr_url, error}. 'stale' where somebody else has written meanwhile.
create or replace function public.record_session(task_id text, revision int, change jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  before verne.sessions;
  session verne.sessions;
  task public.tasks;
begin
  if change ?| '{end,archived}' then
    perform verne.lock_account(t.account_id) from public.tasks t where t.id = record_session.task_id::uuid;
  end if;
  select * into task from public.tasks t where t.id = record_session.task_id::uuid for no key update;
  select * into before from verne.sessions s where s.task_id = task.id;
  update verne.sessions s set
    phase_since = case when coalesce(change ->> 'phase', s.phase) <> s.phase then verne.now() else s.phase_since end,
    phase = coalesce(change ->> 'phase', s.phase), jules_state = coalesce(change ->> 'jules_state', s.jules_state),
    url = coalesce(change ->> 'url', s.url), progress = coalesce(change -> 'progress', s.progress),
    activities_until = coalesce((change ->> 'activities_until')::timestamptz, s.activities_until),
    moved_at = case when (change ->> 'moved')::boolean then verne.now() else s.moved_at end,
    approved_at = case when (change ->> 'approved')::boolean then coalesce(s.approved_at, verne.now()) else s.approved_at end,
    approval_sent_at = case when (change ->> 'approval_sent')::boolean then coalesce(s.approval_sent_at, verne.now()) else s.approval_sent_at end,
    silent_at = case when (change ->> 'silent')::boolean then coalesce(s.silent_at, verne.now()) when change ? 'silent' then null else s.silent_at end,
    missing_since = case when (change ->> 'missing')::boolean then coalesce(s.missing_since, verne.now()) when change ? 'missing' then null else s.missing_since end,
    deleted_at = case when (change ->> 'deleted')::boolean then coalesce(s.deleted_at, verne.now()) when change ? 'missing' then null else s.deleted_at end,
    archived_at = case when (change ->> 'archived')::boolean then verne.now() else s.archived_at end,
    finishing_since = case when (change ->> 'finishing')::boolean then coalesce(s.finishing_since, verne.now()) end,
    resumes = s.resumes + case when change -> 'end' ->> 'verb' = 'resume' then 1 else 0 end,
    ended_at = case when change -> 'end' ->> 'verb' = 'resume' then null
      when change -> 'end' is not null then verne.now() else s.ended_at end,
    revision = s.revision + 1
  where s.task_id = task.id and s.revision = record_session.revision
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  perform verne.store_activities(task.id, change);
  -- For those who wait for another phase, not for each step.
  perform verne.publish_event(turn.topic, 'task:' || task.id, jsonb_build_object('phase', session.phase),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks', 'correlation', task.correlation_id))
  from (values ('session.turned', session.phase <> before.phase),
    ('session.silent', before.silent_at is null and session.silent_at is not null)) turn(topic, holds) where turn.holds;
  if (change ->> 'archived')::boolean then
    perform verne.admit_tasks(session.account_id); -- a cancelled one is stopped only now
  end if;
  if change ? 'end' then
    perform verne.end_task(task, session, change -> 'end');
  else
    update public.tasks t set last_error = change ->> 'last_error'
    where t.id = task.id and t.status = 'in_progress' and change ? 'last_error' and t.last_error is distinct from change ->> 'last_error';
    perform verne.publish_event('session.progressed', 'task:' || task.id, jsonb_build_object('phase', session.phase),
      jsonb_build_object('tenant', session.tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  return jsonb_build_object('kind', 'recorded', 'revision', session.revision, 'paused', verne.is_paused(session.tenant));
end $$;
revoke all on function public.record_session from public, anon, authenticated;
grant execute on function public.record_session to service_role, verne_worker;
