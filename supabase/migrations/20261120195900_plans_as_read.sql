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
  select * into task from public.tasks t where t.id = approve_plan.task_id::uuid for update;
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

-- Commits the intent to send an instruction, before the POST. 'taken' where somebody else has begun meanwhile,
-- 'approving' where the plan is being approved, which Jules might make anew; 'paused' where nothing new may begin.
create or replace function public.begin_instruction(id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare told verne.instructions;
begin
  if exists (select from verne.instructions i join verne.sessions s on s.task_id = i.task_id
    where i.id = begin_instruction.id::uuid and verne.is_paused(s.tenant)) then
    return jsonb_build_object('kind', 'paused');
  end if;
  -- Held, so that of an approval and an instruction that begin at once one sees the other.
  perform from verne.sessions s join verne.instructions i on i.task_id = s.task_id where i.id = begin_instruction.id::uuid for update of s;
  if exists (select from verne.instructions i join verne.sessions s on s.task_id = i.task_id
    where i.id = begin_instruction.id::uuid and i.kind <> 'nudge' and s.phase = 'approving') then
    return jsonb_build_object('kind', 'approving');
  end if;
  update verne.instructions i set attempts = i.attempts + 1, attempted_at = verne.now()
  where i.id = begin_instruction.id::uuid and i.state = 'waiting' and i.attempted_at is null and i.attempts < 3
  returning * into told;
  return jsonb_build_object('kind', case when told.id is null then 'taken' else 'begun' end);
end $$;
revoke all on function public.begin_instruction from public, anon, authenticated;
grant execute on function public.begin_instruction to service_role, verne_worker;

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
  where i.task_id = task.id and i.about = wish ->> 'about' and i.kind = wish ->> 'kind' and i.state <> 'refused'
    -- A plan that came back the same waits for an answer anew.
    and not exists (select from verne.plans p where p.task_id = task.id and i.kind = 'changes' and left(p.hash, 12) = i.about and p.created_at > i.created_at);
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
    -- What may be on its way first; a nudge is about a session that takes nothing else.
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
      'telling', exists (select from verne.instructions i where i.task_id = t.id and i.state = 'waiting' and i.attempted_at is not null),
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

-- Keeps the plan, the patch and the activities by name, and hands the notes to whoever shows them. All of it may come twice.
create or replace function verne.store_activities(task_id uuid, change jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare note jsonb;
begin
  insert into verne.plans (task_id, hash, steps)
  select store_activities.task_id, change -> 'plan' ->> 'hash', change -> 'plan' -> 'steps' where change ? 'plan'
  on conflict (task_id, hash) do update set created_at = excluded.created_at; -- a plan that comes back is the newest again
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

reset check_function_bodies;
