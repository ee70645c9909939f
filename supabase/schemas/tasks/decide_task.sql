-- Confirm, reject or cancel: one winner. The loser is told what the task is by now and who decided it. Where a server asks
-- for more than one approval, a confirmation counts as one until there are enough.
create or replace function public.decide_task(actor jsonb, task_id text, verb text, reason text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'verb', verb, 'has_reason', reason is not null);
  wait_ms int := verne.take_rate(actor); -- before any other lock
  operation text;
  task public.tasks;
  move verne.transitions;
  gate jsonb;
begin
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = decide_task.task_id::uuid;
  select * into task from public.tasks t where t.id = decide_task.task_id::uuid for update;
  select * into move from verne.transitions m
  where m.noun = 'task' and m.from_state = task.status and m.verb = decide_task.verb and m.operation is not null;
  -- Whoever asked may withdraw what they asked; everything else needs the operation's role.
  operation := case when verb = 'cancel' and task.discord_user_id = actor ->> 'id' then 'task.withdraw'
    when verb = 'cancel' then 'task.cancel' else 'task.confirm' end;
  gate := case when wait_ms is not null then jsonb_build_object('kind', 'too_fast', 'wait_ms', wait_ms)
    else verne.authorise(actor, operation, args, jsonb_build_object('repo', task.repo, 'branch', task.branch)) end;
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  gate := gate || jsonb_build_object('kind', case
    when task.guild_id is distinct from (gate ->> 'guild')::uuid then 'unknown_task'
    when move.verb is null and verne.just_decided(task, verb, actor ->> 'id') then 'again'
    when move.verb is null then 'too_late' else 'moves' end);
  if gate ->> 'kind' is not distinct from 'moves' and verb = 'confirm' then
    gate := gate || coalesce(verne.count_approval(task, actor ->> 'id'), '{}');
  end if;
  if gate ->> 'kind' is not distinct from 'moves' then
    perform verne.move_task(actor, task, move, reason);
    gate := gate || jsonb_build_object('kind', 'decided');
  elsif gate ->> 'kind' is not distinct from 'counted' then
    perform verne.publish_event('task.updated', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
      jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  if gate ->> 'kind' is distinct from 'again' then -- a press that came twice is one press
    perform verne.append_audit(actor, operation,
      case when gate ->> 'kind' in ('decided', 'counted') then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  end if;
  return jsonb_build_object('kind', case gate ->> 'kind' when 'again' then 'decided' else gate ->> 'kind' end)
    || case when gate ->> 'kind' is distinct from 'unknown_task' then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
end $$;
revoke all on function public.decide_task from public, anon, authenticated;
grant execute on function public.decide_task to service_role, verne_worker;
