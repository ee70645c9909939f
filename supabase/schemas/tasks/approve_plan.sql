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
