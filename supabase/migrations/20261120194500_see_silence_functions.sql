set check_function_bodies = off;

-- Forgets a person in tasks: what they wrote and what came of it in words, and that it was they who asked or decided. Gives
-- back the subjects of the tasks that are shown anew for it: `own` that they asked for, and `others`.
create or replace function verne.forget_tasks(person text) returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  nobody text := '000000000000000000';
  own uuid[] := array(select t.id from public.tasks t where t.discord_user_id = person);
  others uuid[] := array(
    select t.id from public.tasks t where t.discord_user_id <> person and person in (t.decided_by, t.ended_by)
    union select a.task_id from verne.approvals a where a.approver = person and a.task_id <> all (own));
begin
  update public.tasks t set user_id = null, discord_user_id = nobody, prompt = '(forgotten)',
    last_error = case when t.last_error is not null then '(forgotten)' end,
    key_last4 = case t.key_owner when 'person' then '····' else t.key_last4 end
  where t.id = any (own);
  update public.tasks t set reason = null,
    decided_by = case t.decided_by when forget_tasks.person then nobody else t.decided_by end,
    ended_by = case t.ended_by when forget_tasks.person then nobody else t.ended_by end
  where t.id = any (own || others);
  -- While a task waits, an approval of nobody could be given twice by one person.
  delete from verne.approvals a using public.tasks t
  where a.approver = forget_tasks.person and t.id = a.task_id and (t.status = 'pending_confirmation'
    or exists (select from verne.approvals o where o.task_id = a.task_id and o.approver = nobody));
  update verne.approvals a set approver = nobody where a.approver = forget_tasks.person;
  update verne.history h set by = nobody where h.by = forget_tasks.person;
  update verne.instructions i set text = '(forgotten)', author = nobody, problem = null
  where i.author = forget_tasks.person or i.task_id = any (own);
  delete from verne.activities a where a.task_id = any (own);
  delete from verne.patches p where p.task_id = any (own);
  delete from verne.plans p where p.task_id = any (own);
  update verne.sessions s set progress = '{}' where s.task_id = any (own) and s.progress <> '{}';
  return jsonb_build_object('own', (select coalesce(jsonb_agg('task:' || id), '[]') from unnest(own) id),
    'others', (select coalesce(jsonb_agg('task:' || id), '[]') from unnest(others) id));
end $$;

-- Whether a finished session can be told to go on: Jules has it, it was neither archived nor deleted, and its key is still there.
create or replace function verne.goes_on(session verne.sessions) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return session.name is not null and session.archived_at is null and session.deleted_at is null
    and (verne.find_key(session.key_id)).id is not null;
end $$;

-- Why a task's session takes no instruction of this kind now; null where it does. What was asked or planned meanwhile, and
-- who answered it first, is told instead of being passed on.
create or replace function verne.instruction_refused(task public.tasks, wish jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  session verne.sessions;
  earlier verne.instructions;
  open text; -- what a wish of this kind may be about now
begin
  select * into session from verne.sessions s where s.task_id = task.id;
  select * into earlier from verne.instructions i
  where i.task_id = task.id and i.about = wish ->> 'about' and i.kind = wish ->> 'kind' and i.state <> 'refused';
  open := case wish ->> 'kind' when 'answer' then verne.open_question(session) when 'nudge' then verne.open_silence(session)
    when 'publish' then verne.pull_request_wanting(task, session) end;
  return case
    when task.status = 'pending_confirmation' then jsonb_build_object('kind', 'not_started')
    when task.status not in ('in_progress', 'completed') or session.archived_at is not null or session.deleted_at is not null then jsonb_build_object('kind', 'too_late')
    when wish ->> 'kind' = 'answer' and (wish ->> 'about' = open) is not true then jsonb_build_object('kind', 'stale_question')
    when wish ->> 'kind' in ('nudge', 'publish') and (wish ->> 'about' = open) is not true then jsonb_build_object('kind', 'moved_on')
    when wish ->> 'kind' = 'changes' and (session.phase in ('plan_review', 'approving') and wish ->> 'about' = left(verne.newest_plan(task.id), 12)) is not true
      then jsonb_build_object('kind', 'stale_plan')
    when wish ->> 'kind' = 'changes' and session.approved_hash = verne.newest_plan(task.id) then jsonb_build_object('kind', 'plan_approved', 'by', session.approved_by)
    when earlier.id is not null then jsonb_build_object('kind', 'answered', 'by', earlier.author)
    when (select count(*) from verne.instructions i where i.task_id = task.id and i.state = 'waiting') >= 20 then jsonb_build_object('kind', 'too_many')
  end;
end $$;

-- Keeps the newest patch of a session, since one that is deleted at Jules can be saved from here alone. `patch`: text (null
-- where it is too large), chars, base_commit.
create or replace function verne.keep_patch(task_id uuid, patch jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  insert into verne.patches (task_id, patch, chars, base_commit)
  values (keep_patch.task_id, keep_patch.patch ->> 'text', (keep_patch.patch ->> 'chars')::int, keep_patch.patch ->> 'base_commit')
  on conflict (task_id) do update set patch = excluded.patch, chars = excluded.chars, base_commit = excluded.base_commit, kept_at = excluded.kept_at
  where (verne.patches.patch, verne.patches.chars, verne.patches.base_commit) is distinct from (excluded.patch, excluded.chars, excluded.base_commit);
end $$;

-- The silence of a session that should not be silent, as short as a button can name it; null where it is not.
create or replace function verne.open_silence(session verne.sessions) returns text
language sql stable set search_path = '' as $$
  select left(md5(extract(epoch from session.silent_at)::text), 8) where session.silent_at is not null and session.ended_at is null
$$;

-- Forgets what is old, a bounded batch at a time: patches that nothing was added to for 90 days.
create or replace function public.prune_tasks(batch int default 1000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare patches int;
begin
  delete from verne.patches where task_id in (
    select p.task_id from verne.patches p where p.kept_at < verne.now() - interval '90 days' limit batch for update skip locked);
  get diagnostics patches = row_count;
  return jsonb_build_object('patches', patches);
end $$;
revoke all on function public.prune_tasks from public, anon, authenticated;
grant execute on function public.prune_tasks to service_role, verne_worker;

-- Names the end, or the silence, at which a session's pull request may be asked for: once each. Null where there is nothing
-- to ask for.
create or replace function verne.pull_request_wanting(task public.tasks, session verne.sessions) returns text
language plpgsql stable set search_path = '' as $$
begin
  return case
    when task.pr_url is not null or session.name is null or session.archived_at is not null or session.deleted_at is not null then null
    when task.status = 'completed' and session.phase in ('done_patch', 'done_nothing')
      then left(md5(extract(epoch from session.ended_at)::text), 8)
    when task.status = 'in_progress' and (session.progress ->> 'said_done')::boolean then verne.open_silence(session)
  end;
end $$;

-- The first instruction of a task that still has to be sent, and what its sender needs of the session; null where there is none.
create or replace function public.read_instruction(task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('id', i.id, 'kind', i.kind, 'text', i.text, 'marker', i.marker, 'attempts', i.attempts,
      'attempted_at', i.attempted_at, 'status', t.status, 'name', s.name, 'key_id', s.key_id, 'phase', s.phase,
      'jules_state', s.jules_state, 'archived', s.archived_at is not null, 'paused', verne.is_paused(s.tenant))
    from verne.instructions i join public.tasks t on t.id = i.task_id left join verne.sessions s on s.task_id = t.id
    where i.task_id = read_instruction.task_id::uuid and i.state = 'waiting'
    -- A nudge is about a session that takes nothing else.
    order by i.attempted_at is null, i.kind <> 'nudge', i.created_at, i.id limit 1);
end $$;
revoke all on function public.read_instruction from public, anon, authenticated;
grant execute on function public.read_instruction to service_role, verne_worker;

-- What a worker needs to open or follow a task's session; null where the task has none.
create or replace function public.read_work(task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('task_id', t.id, 'number', t.number, 'status', t.status, 'prompt', t.prompt, 'repo', t.repo,
      'branch', t.branch, 'pr_url', t.pr_url, 'pr_source', t.pr_source, 'last_error', t.last_error, 'channel_id', t.channel_id, 'guild_id', s.tenant,
      'account_id', s.account_id, 'key_id', s.key_id, 'paused', verne.is_paused(s.tenant),
      'phase', s.phase, 'marker', s.marker, 'attempts', s.attempts, 'attempted_at', s.attempted_at, 'recreated', s.recreated,
      'name', s.name, 'jules_state', s.jules_state, 'progress', s.progress, 'activities_until', s.activities_until,
      'moved_at', s.moved_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
      'finishing_since', s.finishing_since, 'approval_sent_at', s.approval_sent_at, 'silent_at', s.silent_at, 'missing_since', s.missing_since, 'deleted_at', s.deleted_at,
      'ended_at', s.ended_at, 'archived_at', s.archived_at, 'reported_pr', s.reported_pr, 'revision', s.revision,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      'plan_review', t.plan_review, 'plan_hash', verne.newest_plan(t.id), 'approved_hash', s.approved_hash,
      -- What Jules did after its newest plan: one that was never approved leaves nothing behind it.
      'acted', exists (select from verne.activities a where a.task_id = t.id and a.kind not in ('planGenerated', 'userMessaged')
        and a.created_at > (select max(p.created_at) from verne.activities p where p.task_id = t.id and p.kind = 'planGenerated')),
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
  select * into task from public.tasks t where t.id = record_session.task_id::uuid for update;
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

-- Reminds people of what waits for them: `first_ms` after it began to wait, then every `again_ms`; first those it waits for,
-- from the second time on the approvers as well. Of a silent session its requester alone hears: at once, and once again. Gives back until when it is silent, or that nothing waits.
create or replace function public.remind_task(task_id text, first_ms bigint, again_ms bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  is_silence boolean;
  task public.tasks;
  waits jsonb;
  notice jsonb;
  nth int;
  due timestamptz;
begin
  select * into task from public.tasks t where t.id = remind_task.task_id::uuid for update;
  waits := verne.waits_for(task, (select s from verne.sessions s where s.task_id = task.id));
  if waits is null then
    return jsonb_build_object('kind', 'nothing');
  end if;
  is_silence := waits ->> 'what' = 'silence';
  first_ms := case when is_silence then 0 else first_ms end;
  nth := floor(greatest(0, extract(epoch from verne.now() - (waits ->> 'since')::timestamptz) * 1000 - first_ms) / again_ms)::int;
  due := (waits ->> 'since')::timestamptz + (first_ms + nth * again_ms) * interval '1 millisecond';
  if is_silence and nth > 1 then
    return jsonb_build_object('kind', 'nothing');
  end if;
  if due <= verne.now() then
    notice := verne.standing_notice(task.guild_id);
    perform verne.add_message('task:' || task.id, 'note', case when is_silence then 'silence' else 'reminder' end, jsonb_build_object('place', 'channel', 'id', task.channel_id),
      waits || jsonb_build_object('guild_id', notice -> 'guild_id', 'mention', jsonb_build_object(
        'people', case when waits ->> 'whom' = 'requester' then jsonb_build_array(task.discord_user_id) else '[]' end
          || case when waits ->> 'whom' = 'approvers' or nth > 0 and not is_silence then notice -> 'people' else '[]' end,
        'roles', case when waits ->> 'whom' = 'approvers' or nth > 0 and not is_silence then notice -> 'roles' else '[]' end)),
      'task:' || task.id || ':reminder:' || extract(epoch from (waits ->> 'since')::timestamptz) || ':' || nth);
    perform verne.publish_event('task.reminded', 'task:' || task.id, jsonb_build_object('what', waits -> 'what'),
      jsonb_build_object('tenant', notice ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
    due := due + again_ms * interval '1 millisecond';
  end if;
  return jsonb_build_object('kind', 'waits', 'until', due);
end $$;
revoke all on function public.remind_task from public, anon, authenticated;
grant execute on function public.remind_task to service_role, verne_worker;

-- A session that provably never ran (its plan expired before Verne approved it) is opened anew under a new marker, when its
-- account has a place for it: it queues as old as it is. The old one becomes a stray: archived, never approved.
create or replace function public.renew_session(task_id text, revision int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = renew_session.task_id::uuid;
  select * into session from verne.sessions s
  where s.task_id = renew_session.task_id::uuid and s.revision = renew_session.revision and s.approved_at is null and s.ended_at is null
  for update;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  insert into verne.strays (name, task_id) select session.name, session.task_id where session.name is not null on conflict do nothing;
  update verne.sessions s set phase = 'queued', admitted_at = null, name = null, url = null, jules_state = null, seen_state = null,
    seen_updated_at = null, marker = verne.new_marker(), attempts = 0, attempted_at = null,
    recreated = s.recreated + 1, progress = '{}', activities_until = null, opened_at = null, moved_at = verne.now(),
    finishing_since = null, approval_sent_at = null, silent_at = null, missing_since = null, approved_hash = null, approved_by = null, phase_since = verne.now(), revision = s.revision + 1
  where s.task_id = session.task_id;
  delete from verne.plans p where p.task_id = session.task_id;
  perform verne.publish_event('session.delayed', 'task:' || session.task_id, jsonb_build_object('recreated', session.recreated + 1),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  perform verne.admit_tasks(session.account_id);
  -- Its sweep archives the stray, and admits what must wait now.
  perform verne.publish_event('account.watched', 'account:' || session.account_id, '{}', jsonb_build_object('source', 'tasks'));
  return jsonb_build_object('kind', 'renewed');
end $$;
revoke all on function public.renew_session from public, anon, authenticated;
grant execute on function public.renew_session to service_role, verne_worker;

-- Hands the newest patch of a session's work to the task's thread, as a file, for whoever may see the task.
create or replace function public.salvage_patch(actor jsonb, task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id);
  gate jsonb := verne.authorise(actor, 'task.read', args);
  task public.tasks;
  kept verne.patches;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = salvage_patch.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid;
  select * into kept from verne.patches p where p.task_id = task.id;
  gate := gate || jsonb_build_object('kind', case
    when task.id is null then 'unknown_task' when kept.task_id is null then 'no_patch' when kept.patch is null then 'too_large' else 'posted' end);
  if gate ->> 'kind' is not distinct from 'posted' then
    -- Whoever asks again for the same patch is led to the one that is there.
    perform verne.add_message('task:' || task.id, 'note', 'patch', jsonb_build_object('place', 'thread', 'id', task.channel_id),
      jsonb_build_object('by', actor ->> 'id', 'guild_id', gate -> 'guild_id', 'chars', kept.chars, 'base_commit', kept.base_commit, 'file', kept.patch),
      'task:' || task.id || ':patch:' || extract(epoch from kept.kept_at) || ':' || (actor ->> 'id'));
    perform verne.publish_event('task.updated', 'task:' || task.id, '{}',
      jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  perform verne.append_audit(actor, 'task.read', case gate ->> 'kind' when 'posted' then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  return jsonb_build_object('kind', gate -> 'kind', 'chars', kept.chars)
    || case when task.id is not null then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
end $$;
revoke all on function public.salvage_patch from public, anon, authenticated;
grant execute on function public.salvage_patch to service_role, verne_worker;

-- What may be asked of a task's session now, beside the verbs of the task itself.
create or replace function verne.session_verbs(task public.tasks, session verne.sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(given.verb), '[]') from (values
      ('edit', task.status = 'pending_confirmation'),
      ('approve_plan', session.phase = 'plan_review' and task.status = 'in_progress' and verne.newest_plan(task.id) is not null),
      ('ask_changes', session.phase = 'plan_review' and task.status = 'in_progress' and verne.newest_plan(task.id) is not null),
      ('answer', task.status = 'in_progress' and verne.open_question(session) is not null),
      ('reply', task.status = 'in_progress' and session.name is not null and session.phase in ('working', 'paused', 'unknown', 'finishing')),
      ('nudge', task.status = 'in_progress' and verne.open_silence(session) is not null
        and not verne.was_told(task.id, 'nudge', verne.open_silence(session))),
      ('publish', task.pr_url is null and verne.pull_request_wanting(task, session) is not null
        and not verne.was_told(task.id, 'publish', verne.pull_request_wanting(task, session))),
      ('get_patch', task.pr_url is null and exists (select from verne.patches p where p.task_id = task.id)
        and (task.status <> 'in_progress' or session.phase in ('paused', 'unknown') or verne.open_silence(session) is not null)),
      ('follow_up', task.status = 'completed'),
      ('retry', task.status in ('failed', 'cancelled', 'expired', 'rejected') or task.status = 'completed' and task.pr_url is null),
      ('plan_again', task.status = 'in_progress' and session.phase = 'plan_expired')) given(verb, holds)
    where given.holds is true);
end $$;

-- Keeps the plan, the patch and the activities by name, and hands the notes to whoever shows them. All of it may come twice.
create or replace function verne.store_activities(task_id uuid, change jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare note jsonb;
begin
  insert into verne.plans (task_id, hash, steps)
  select store_activities.task_id, change -> 'plan' ->> 'hash', change -> 'plan' -> 'steps' where change ? 'plan'
  on conflict do nothing;
  insert into verne.activities (task_id, name, kind, created_at, body)
  select store_activities.task_id, a ->> 'name', a ->> 'kind', (a ->> 'created_at')::timestamptz, coalesce(a -> 'body', '{}')
  from jsonb_array_elements(coalesce(change -> 'activities', '[]')) a
  on conflict do nothing;
  if change ? 'patch' then
    perform verne.keep_patch(store_activities.task_id, change -> 'patch');
  end if;
  for note in select n from jsonb_array_elements(coalesce(change -> 'notes', '[]')) n loop
    perform verne.add_message('task:' || store_activities.task_id, 'note', note ->> 'view', note -> 'at', note -> 'facts', note ->> 'dedupe');
  end loop;
end $$;

-- A task as cards and doors show it: its state, its session, its plan, and the verbs that it may be asked to do.
create or replace function verne.task_view(task_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object(
      'id', t.id, 'number', t.number, 'status', t.status, 'revision', t.revision,
      'prompt', t.prompt, 'repo', t.repo, 'branch', t.branch, 'repo_from', t.repo_from,
      'requester', t.discord_user_id, 'channel_id', t.channel_id, 'created_at', t.created_at,
      'key', jsonb_build_object('owner', t.key_owner, 'last4', t.key_last4),
      'decided_by', t.decided_by, 'decided_at', t.decided_at, 'ended_by', t.ended_by, 'reason', t.reason,
      'pr_url', t.pr_url, 'pr_source', t.pr_source, 'last_error', t.last_error,
      'session', case when s.task_id is not null then jsonb_build_object(
        'phase', s.phase, 'name', s.name, 'url', s.url, 'jules_state', s.jules_state, 'progress', s.progress,
        'queue', verne.queue_facts(s), 'moved_at', s.moved_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
        'ended_at', s.ended_at, 'recreated', s.recreated, 'resumes', s.resumes, 'question', verne.open_question(s),
        'silence', verne.open_silence(s), 'pr_wanting', verne.pull_request_wanting(t, s), 'deleted', s.deleted_at is not null,
        'plan_approved_by', s.approved_by, 'untold', (select count(*) from verne.instructions i where i.task_id = t.id and i.state = 'waiting'),
        -- What is about to begin stands still in a pause; what was asked of Jules by then goes on.
        'paused', case when s.phase in ('queued', 'opening', 'approving') and s.attempted_at is null and s.ended_at is null then
          case when verne.is_paused('') then 'everywhere' when verne.is_paused(s.tenant) then 'here' end end,
        -- Where its intent still stands, nobody could look for what came of it: the key is gone.
        'unsure_because', case when s.phase = 'unsure' then case when s.attempted_at is null then 'attempts' else 'key' end end) end,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      'plan_hash', left(verne.newest_plan(t.id), 12), 'plan_review', t.plan_review, 'plan_from', t.plan_from,
      'edits', t.edits, 'edited', case when t.edits > 0 then jsonb_build_object('at', t.edited_at, 'void', t.edited_after) end,
      'parent', (select jsonb_build_object('id', o.id, 'number', o.number, 'as', t.origin) from public.tasks o where o.id = t.parent),
      'children', (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'number', o.number, 'as', o.origin) order by o.number desc), '[]')
        from public.tasks o where o.parent = t.id),
      'policy', jsonb_build_object('approvals', t.approvals_needed, 'self_approval', t.self_approval, 'expires_at', verne.waits_until(t)),
      'stands_still', t.status = 'pending_confirmation' and verne.stands_still(verne.tenant_of(t.guild_id)),
      'approvals', (select coalesce(jsonb_agg(jsonb_build_object('by', a.approver, 'at', a.at) order by a.at, a.approver), '[]')
        from verne.approvals a where a.task_id = t.id),
      'quota', (select jsonb_build_object('today', u.today, 'per_day', u.per_day, 'running', u.running, 'at_once', u.at_once)
        from verne.account_use(t.account_id) u where t.status = 'in_progress' and s.ended_at is null),
      'verbs', verne.session_verbs(t, s) || (select coalesce(jsonb_agg(m.verb order by m.verb), '[]') from verne.transitions m
        where m.noun = 'task' and m.from_state = t.status and m.operation is not null),
      'now', verne.now())
    from public.tasks t left join verne.sessions s on s.task_id = t.id
    where t.id = task_view.task_id);
end $$;

-- What of a task waits for people, and since when; null where nothing does. `whom`: 'approvers' or 'requester'.
create or replace function verne.waits_for(task public.tasks, session verne.sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return case
    when task.status = 'pending_confirmation' then jsonb_build_object('what', 'decision', 'whom', 'approvers', 'since', task.created_at)
    when task.status <> 'in_progress' or session.ended_at is not null then null
    when session.phase = 'plan_review' then jsonb_build_object('what', 'plan', 'whom', 'approvers', 'since', session.phase_since)
    when session.phase = 'plan_expired' then jsonb_build_object('what', 'plan_again', 'whom', 'requester', 'since', session.phase_since)
    -- An answer that is on its way is one.
    when session.phase = 'needs_input' and not exists (
      select from verne.instructions i where i.task_id = task.id and i.state = 'waiting')
      then jsonb_build_object('what', 'answer', 'whom', 'requester', 'since', session.phase_since)
    when session.silent_at is not null then jsonb_build_object('what', 'silence', 'whom', 'requester', 'since', session.silent_at,
      'phase', session.phase, 'said_done', session.progress -> 'said_done', 'last_sign', coalesce(session.moved_at, session.opened_at))
  end;
end $$;

-- Whether somebody has told Jules this already, or it is on its way.
create or replace function verne.was_told(task_id uuid, kind text, about text) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from verne.instructions i
    where i.task_id = was_told.task_id and i.kind = was_told.kind and i.about = was_told.about and i.state <> 'refused')
$$;

reset check_function_bodies;
