set check_function_bodies = off;

-- An approver has read a plan and lets it run: this very plan, and no other. `plan` is the beginning of its hash. Jules is
-- told by whoever follows the session, once it has looked that the plan is still the same.
create or replace function public.approve_plan(actor jsonb, task_id text, plan text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'plan', plan);
  gate jsonb := verne.take_rate(actor, 'task.confirm', args); -- before any other lock
  task public.tasks;
  session verne.sessions;
  newest text := verne.newest_plan(task_id::uuid);
  wished_by text; -- who wants it changed: what Jules makes of that is another plan, which nobody has read
begin
  if gate is not null then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = approve_plan.task_id::uuid for no key update;
  gate := verne.authorise(actor, 'task.confirm', args, jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id, 'verb', 'confirm'));
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into session from verne.sessions s where s.task_id = task.id for update;
  newest := verne.newest_plan(task.id);
  wished_by := (select min(i.author) from verne.instructions i
    where i.task_id = task.id and i.kind = 'changes' and i.about = left(newest, 12) and i.state = 'waiting');
  gate := gate || jsonb_build_object('by', coalesce(wished_by, session.approved_by), 'kind', case
    when task.guild_id is distinct from (gate ->> 'guild')::uuid then 'unknown_task'
    when task.status <> 'in_progress' then 'too_late'
    when task.self_approval is not true and task.discord_user_id = actor ->> 'id' then 'own_task'
    when left(newest, 12) is distinct from approve_plan.plan then 'stale_plan'
    when session.approved_hash = newest then 'plan_approved'
    when session.phase <> 'plan_review' then 'stale_plan'
    when wished_by is not null then 'changes_asked'
    else 'approved' end);
  if gate ->> 'kind' is not distinct from 'approved' then
    update verne.sessions s set approved_hash = newest, approved_by = actor ->> 'id', phase = 'approving', revision = s.revision + 1
    where s.task_id = task.id;
    perform verne.publish_event('task.plan_approved', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
      jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  if (session.approved_by = actor ->> 'id' and gate ->> 'kind' is not distinct from 'plan_approved') is not true then -- a press that came twice is one press
    perform verne.append_audit(actor, 'task.confirm', case gate ->> 'kind' when 'approved' then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  end if;
  return jsonb_build_object('kind', case when session.approved_by = actor ->> 'id' and gate ->> 'kind' is not distinct from 'plan_approved' then 'approved' else gate ->> 'kind' end,
    'by', gate -> 'by')
    || case when gate ->> 'kind' is distinct from 'unknown_task' then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
end $$;
revoke all on function public.approve_plan from public, anon, authenticated;
grant execute on function public.approve_plan to service_role, verne_worker;

-- Takes an intent back: the POST certainly made nothing (not counted), or was looked for in vain through its whole window.
create or replace function public.clear_attempt(task_id text, revision int, counted boolean, why text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = clear_attempt.task_id::uuid;
  perform from public.tasks t where t.id = clear_attempt.task_id::uuid for no key update; -- the task before its session, as everywhere
  update verne.sessions s set attempted_at = null, attempts = case when counted then s.attempts else s.attempts - 1 end,
    phase = case when s.ended_at is not null then 'stopped' when counted and s.attempts >= 3 then 'unsure' else s.phase end,
    revision = s.revision + 1
  where s.task_id = clear_attempt.task_id::uuid and s.revision = clear_attempt.revision and s.name is null
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  update public.tasks t set last_error = why || case when counted and t.last_error is not null then ' ' || t.last_error else '' end where t.id = session.task_id and t.status = 'in_progress';
  if session.phase = 'unsure' then -- three times without an answer: a person must decide
    perform verne.add_message('task:' || session.task_id, 'note', 'outcome',
      (select jsonb_build_object('place', 'channel', 'id', t.channel_id) from public.tasks t where t.id = session.task_id),
      jsonb_build_object('phase', 'unsure', 'error', why, 'guild_id', session.tenant), 'task:' || session.task_id || ':unsure');
  end if;
  perform verne.publish_event('session.delayed', 'task:' || session.task_id, '{}',
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  if session.phase in ('stopped', 'unsure') then
    perform verne.admit_tasks(session.account_id);
  end if;
  return jsonb_build_object('kind', 'cleared', 'phase', session.phase, 'revision', session.revision);
end $$;
revoke all on function public.clear_attempt from public, anon, authenticated;
grant execute on function public.clear_attempt to service_role, verne_worker;

-- Confirm, reject or cancel: one winner. The loser is told what the task is by now and who decided it. Where a server asks
-- for more than one approval, a confirmation counts as one until there are enough. `edits` names the words that it is of: where
-- they were edited since, it is of none. After its hours a task has expired, whether or not somebody has noticed yet.
create or replace function public.decide_task(actor jsonb, task_id text, verb text, reason text default null, edits int default 0) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'verb', verb, 'has_reason', reason is not null);
  operation text := case when verb = 'cancel' then 'task.cancel' else 'task.confirm' end;
  gate jsonb := verne.take_rate(actor, operation, args); -- before any other lock
  task public.tasks;
  move verne.transitions;
begin
  if gate is not null then
    return gate;
  end if;
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = decide_task.task_id::uuid;
  select * into task from public.tasks t where t.id = decide_task.task_id::uuid for no key update;
  -- Whoever asked may withdraw what they asked; everything else needs the operation's role.
  operation := case when verb = 'cancel' and task.discord_user_id = actor ->> 'id' then 'task.withdraw' else operation end;
  gate := verne.authorise(actor, operation, args, jsonb_build_object('verb', verb)
    || case when verne.tenant_of(task.guild_id) = actor ->> 'guild' -- of another server's task nothing is known here
      then jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id) else '{}' end);
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if task.guild_id = (gate ->> 'guild')::uuid and verne.let_expire(task) then
    task.status := 'expired';
  end if;
  select * into move from verne.transitions m
  where m.noun = 'task' and m.from_state = task.status and m.verb = decide_task.verb and m.operation is not null;
  gate := gate || jsonb_build_object('kind', case
    when task.guild_id is distinct from (gate ->> 'guild')::uuid then 'unknown_task'
    when move.verb is null and verne.just_decided(task, verb, actor ->> 'id') then 'again'
    when move.verb is null then 'too_late'
    when verb = 'confirm' and coalesce(decide_task.edits, 0) <> task.edits then 'edited'
    when verb = 'confirm' then verne.count_approval(task, actor ->> 'id')
    else 'decided' end);
  if gate ->> 'kind' is not distinct from 'decided' then
    perform verne.move_task(actor, task, move, reason);
  elsif gate ->> 'kind' is not distinct from 'counted' then
    perform verne.publish_event('task.updated', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
      jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  if (gate ->> 'kind' in ('again', 'counted_before')) is not true then -- a press that came twice is one press
    perform verne.append_audit(actor, operation,
      case when gate ->> 'kind' in ('decided', 'counted') then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  end if;
  return jsonb_build_object('kind', case gate ->> 'kind' when 'again' then 'decided' when 'counted_before' then 'counted' else gate ->> 'kind' end)
    || case when gate ->> 'kind' is distinct from 'unknown_task' then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
end $$;
revoke all on function public.decide_task from public, anon, authenticated;
grant execute on function public.decide_task to service_role, verne_worker;

-- Its requester changes the words of a task that waits, and where they are to be done: checked as a request is, at the cost of
-- none. Whoever approved did so of other words, so their approvals are void. `edits` names the words that were changed: of two
-- edits at once the second one is told so. `wish`: prompt, repo, branch.
create or replace function public.edit_task(actor jsonb, task_id text, edits int, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'repo', wish -> 'repo', 'branch', wish -> 'branch', 'prompt_length', length(wish ->> 'prompt'));
  gate jsonb := verne.authorise(actor, 'task.edit', args);
  task public.tasks;
  target jsonb;
  void int;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = edit_task.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid for no key update;
  target := verne.edit_refused(actor, task, gate, edits);
  if target is null then
    target := verne.choose_target(gate || jsonb_build_object('key', jsonb_build_object('id', task.key_id)), wish);
    target := coalesce(case when target ->> 'kind' = 'target' then verne.refused_there(actor, 'task.create', target) end, target);
  end if;
  if target ->> 'kind' <> 'target' then
    perform verne.append_audit(actor, 'task.edit', 'refused: ' || (target ->> 'kind'), args);
    return target || case when target ->> 'kind' in ('too_late', 'edited_before') then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
  end if;
  if (task.prompt, task.repo, task.branch) is not distinct from (wish ->> 'prompt', target ->> 'repo', target ->> 'branch') then
    return jsonb_build_object('kind', 'unchanged', 'task', verne.task_view(task.id));
  end if;
  delete from verne.approvals a where a.task_id = task.id;
  get diagnostics void = row_count;
  update public.tasks t set prompt = wish ->> 'prompt', branch = target ->> 'branch',
    repo_from = case when t.repo = target ->> 'repo' then t.repo_from else target ->> 'from' end, repo = target ->> 'repo',
    edits = t.edits + 1, edited_at = verne.now(), edited_after = void
  where t.id = task.id;
  perform verne.publish_event('task.edited', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.append_audit(actor, 'task.edit', 'allowed', args || jsonb_build_object('number', task.number, 'void_approvals', void));
  return jsonb_build_object('kind', 'edited', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.edit_task from public, anon, authenticated;
grant execute on function public.edit_task to service_role, verne_worker;

-- A task that nobody decided in time expires. Else: until when it waits, or that it does not wait (any more). Of one that stands
-- still in a pause that instant moves, so it is asked again, at most once a minute.
create or replace function public.expire_task(task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare task public.tasks;
begin
  select * into task from public.tasks t where t.id = expire_task.task_id::uuid for no key update;
  if verne.let_expire(task) then
    return jsonb_build_object('kind', 'expired');
  end if;
  return case when task.status = 'pending_confirmation' and task.expires_at is not null then
    jsonb_build_object('kind', 'waits', 'until', greatest(verne.waits_until(task),
      case when verne.stands_still(verne.tenant_of(task.guild_id)) then verne.now() + interval '1 minute' end))
    else jsonb_build_object('kind', 'over') end;
end $$;
revoke all on function public.expire_task from public, anon, authenticated;
grant execute on function public.expire_task to service_role, verne_worker;

-- A person tells Jules something in the task's session: the answer to a question, changes to a plan, or anything else. It is
-- kept, and sent as soon as Jules takes it. The same request key gives the first answer again. `wish`: kind, text,
-- about; of a message in the task's thread its `said` {channel, message}, and `aside`: what of it is not sent, and why.
create or replace function public.instruct_task(actor jsonb, task_id text, request_key text, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'kind', wish -> 'kind', 'text_length', length(wish ->> 'text'));
  task public.tasks;
  operation text;
  gate jsonb;
  refusal jsonb;
  told verne.instructions;
begin
  if exists (select from verne.instructions i where i.request_key = instruct_task.request_key and i.task_id = instruct_task.task_id::uuid) then
    return jsonb_build_object('kind', 'told', 'task', verne.task_view(instruct_task.task_id::uuid));
  end if;
  select * into task from public.tasks t where t.id = instruct_task.task_id::uuid;
  operation := case when task.discord_user_id = actor ->> 'id' then 'task.steer_own' else 'task.steer' end;
  gate := verne.authorise(actor, operation, args, jsonb_build_object('repo', task.repo, 'branch', task.branch));
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  -- Two answers at once: the second one sees the first.
  select * into task from public.tasks t where t.id = instruct_task.task_id::uuid for no key update;
  refusal := case when task.guild_id is distinct from (gate ->> 'guild')::uuid then jsonb_build_object('kind', 'unknown_task')
    else verne.instruction_refused(task, wish) end;
  if refusal is not null then
    perform verne.append_audit(actor, operation, 'refused: ' || (refusal ->> 'kind'), args);
    return refusal || case when refusal ->> 'kind' <> 'unknown_task' then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
  end if;
  insert into verne.instructions (task_id, kind, author, text, about, marker, request_key, channel_id, message_id)
  values (task.id, wish ->> 'kind', actor ->> 'id', wish ->> 'text', wish ->> 'about', verne.new_marker(), instruct_task.request_key,
    wish -> 'said' ->> 'channel', wish -> 'said' ->> 'message')
  returning * into told;
  perform verne.mark_said(told, 'kept', jsonb_build_object('aside', wish -> 'aside'));
  perform verne.publish_event('task.instructed', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id', 'kind', wish -> 'kind'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'told', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.instruct_task from public, anon, authenticated;
grant execute on function public.instruct_task to service_role, verne_worker;

-- Moves what waits on a key, and of which no attempt was ever made, to the server's spare key with the most room today;
-- nothing where there is none. The accounts of all that may be it are held by then. Gives back which tasks were moved.
create or replace function verne.move_queued(account_id uuid, key_id uuid) returns uuid[]
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  spare jsonb := verne.choose_key(verne.spare_keys(move_queued.key_id));
  moved record;
  tasks uuid[] := '{}';
begin
  if spare is null then
    return tasks;
  end if;
  perform from public.tasks t where t.id in (select s.task_id from verne.sessions s -- the task before its session, as everywhere
    where s.account_id = move_queued.account_id and s.key_id = move_queued.key_id and s.ended_at is null and s.name is null) order by t.id for no key update;
  for moved in
    update verne.sessions s set account_id = (spare ->> 'account')::uuid, key_id = (spare ->> 'id')::uuid, revision = s.revision + 1,
      phase = 'queued', admitted_at = null
    where s.account_id = move_queued.account_id and s.key_id = move_queued.key_id and s.ended_at is null
      and s.name is null and s.attempted_at is null and s.attempts = 0
    returning s.task_id, s.tenant
  loop
    tasks := tasks || moved.task_id;
    update public.tasks t set account_id = (spare ->> 'account')::uuid, key_id = (spare ->> 'id')::uuid, key_last4 = spare ->> 'last4',
      last_error = null where t.id = moved.task_id;
    perform verne.publish_event('task.updated', 'task:' || moved.task_id, jsonb_build_object('key', spare -> 'last4'),
      jsonb_build_object('tenant', moved.tenant, 'source', 'tasks'));
  end loop;
  perform verne.admit_tasks((spare ->> 'account')::uuid);
  perform verne.publish_event('account.watched', 'account:' || (spare ->> 'account'), '{}', jsonb_build_object('source', 'tasks'));
  return tasks;
end $$;

-- A plan that nobody approved in Jules's time is made once more, by a new session in the place of the old one.
create or replace function public.plan_again(actor jsonb, task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id);
  task public.tasks;
  session verne.sessions;
  operation text;
  gate jsonb;
begin
  select * into task from public.tasks t where t.id = plan_again.task_id::uuid;
  operation := case when task.discord_user_id = actor ->> 'id' then 'task.steer_own' else 'task.steer' end;
  gate := verne.authorise(actor, operation, args, jsonb_build_object('repo', task.repo, 'branch', task.branch));
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  perform verne.lock_account(task.account_id); -- before its tasks, as everywhere
  select * into task from public.tasks t where t.id = plan_again.task_id::uuid for no key update;
  select * into session from verne.sessions s where s.task_id = task.id;
  gate := jsonb_build_object('kind', case
    when task.guild_id is distinct from (gate ->> 'guild')::uuid then 'unknown_task'
    when task.status <> 'in_progress' or session.phase <> 'plan_expired' then 'too_late'
    when public.renew_session(plan_again.task_id, session.revision) ->> 'kind' = 'renewed' then 'renewed'
    else 'too_late' end);
  perform verne.append_audit(actor, operation, case gate ->> 'kind' when 'renewed' then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  return gate || case when gate ->> 'kind' is distinct from 'unknown_task' then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
end $$;
revoke all on function public.plan_again from public, anon, authenticated;
grant execute on function public.plan_again to service_role, verne_worker;

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

-- Jules's session becomes the task's one session. `opened`: name, url, state, and strays, the others of the same marker.
create or replace function public.record_opened(task_id text, opened jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  perform from public.tasks t where t.id = record_opened.task_id::uuid for no key update; -- the task before its session, as everywhere
  insert into verne.strays (name, task_id) select stray.name, record_opened.task_id::uuid
  from jsonb_array_elements_text(coalesce(opened -> 'strays', '[]')) stray(name) on conflict do nothing;
  update verne.sessions s set name = opened ->> 'name', url = opened ->> 'url', jules_state = opened ->> 'state',
    phase = case when s.ended_at is null then 'planning' else s.phase end,
    admitted_at = coalesce(s.admitted_at, verne.now()), -- one that landed later than anybody looked for it counts, too
    attempted_at = null, opened_at = verne.now(), moved_at = verne.now(), revision = s.revision + 1
  where s.task_id = record_opened.task_id::uuid and s.name is null
  returning * into session;
  if session.task_id is null then
    insert into verne.strays (name, task_id)
    select opened ->> 'name', s.task_id from verne.sessions s
    where s.task_id = record_opened.task_id::uuid and s.name <> opened ->> 'name' on conflict do nothing;
    return jsonb_build_object('kind', 'had_one');
  end if;
  update public.tasks t set last_error = null where t.id = session.task_id and t.status = 'in_progress' and t.last_error is not null;
  perform verne.publish_event('session.opened', 'task:' || session.task_id, jsonb_build_object('name', session.name),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  perform verne.publish_event('account.watched', 'account:' || session.account_id, '{}', jsonb_build_object('source', 'tasks'));
  return jsonb_build_object('kind', 'opened');
end $$;
revoke all on function public.record_opened from public, anon, authenticated;
grant execute on function public.record_opened to service_role, verne_worker;

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
  select * into task from public.tasks t where t.id = remind_task.task_id::uuid for no key update;
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

-- A message that was given up is owed once more, where it was meant for or, `here`, where who presses is. For who asked for the
-- task and for who may confirm it. Its card, which shows the prompt, goes to another channel by who asked alone.
create or replace function public.send_again(actor jsonb, number int, message text, here boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('number', send_again.number, 'message', message, 'send_again', case when here then 'here' else 'there' end);
  gate jsonb := verne.authorise(actor, 'task.read', args);
  task public.tasks;
  is_mine boolean;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.guild_id = (gate ->> 'guild')::uuid and t.number = send_again.number for no key update;
  is_mine := task.discord_user_id = actor ->> 'id';
  gate := case
    when verne.sees_task(actor, task) is not true then jsonb_build_object('kind', 'unknown_task')
    when is_mine then jsonb_build_object('kind', 'allowed')
    else coalesce(verne.refused_there(actor, 'task.confirm',
      jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id)), jsonb_build_object('kind', 'allowed')) end;
  if gate ->> 'kind' is not distinct from 'allowed' then
    gate := jsonb_build_object('kind', verne.owe_again('task:' || task.id, message::bigint,
      case when here then actor ->> 'channel' end, is_mine or task.channel_id in (actor ->> 'channel', actor ->> 'parent_channel')));
  end if;
  perform verne.append_audit(actor, 'task.read', case gate ->> 'kind' when 'owed' then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  return gate;
end $$;
revoke all on function public.send_again from public, anon, authenticated;
grant execute on function public.send_again to service_role, verne_worker;

-- What was let in with a key that Jules refuses, and never asked for, queues again and gives its place back. Where a key is
-- gone, what may have begun with it can be neither found nor repeated: a person decides.
create or replace function verne.wait_for_key(account_id uuid, key_id uuid, why text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare left_open record;
begin
  perform from public.tasks t where t.id in (select s.task_id from verne.sessions s -- the task before its session, as everywhere
    where s.account_id = wait_for_key.account_id and s.key_id = wait_for_key.key_id and s.ended_at is null and s.name is null) order by t.id for no key update;
  if verne.key_refused(wait_for_key.key_id) then
    update verne.sessions s set phase = 'queued', admitted_at = null, revision = s.revision + 1
    where s.account_id = wait_for_key.account_id and s.key_id = wait_for_key.key_id and s.ended_at is null
      and s.admitted_at is not null and s.name is null and s.attempted_at is null and s.attempts = 0;
    perform verne.admit_tasks(wait_for_key.account_id);
  elsif not verne.key_opens(wait_for_key.key_id) then
    for left_open in
      update verne.sessions s set phase = 'unsure', revision = s.revision + 1
      from public.tasks t where t.id = s.task_id and s.account_id = wait_for_key.account_id and s.key_id = wait_for_key.key_id
        and s.ended_at is null and s.name is null and s.attempted_at is not null and s.phase <> 'unsure'
      returning s.task_id, s.tenant, t.channel_id
    loop
      perform verne.add_message('task:' || left_open.task_id, 'note', 'outcome', jsonb_build_object('place', 'channel', 'id', left_open.channel_id),
        jsonb_build_object('phase', 'unsure', 'because', 'key', 'error', wait_for_key.why, 'guild_id', left_open.tenant), 'task:' || left_open.task_id || ':unsure');
    end loop;
  end if;
end $$;

reset check_function_bodies;
