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
