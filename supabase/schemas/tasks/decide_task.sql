-- Confirm, reject or cancel: one winner. The loser is told what the task is by now and who decided it.
create or replace function public.decide_task(actor jsonb, task_id text, verb text, reason text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'verb', verb, 'has_reason', reason is not null);
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
  gate := verne.authorise(actor, operation, args);
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if task.guild_id is distinct from (gate ->> 'guild')::uuid then
    perform verne.append_audit(actor, operation, 'refused: unknown_task', args);
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  if move.verb is null and verne.just_decided(task, verb, actor ->> 'id') then
    return jsonb_build_object('kind', 'decided', 'task', verne.task_view(task.id));
  end if;
  if move.verb is null then
    perform verne.append_audit(actor, operation, 'refused: too_late', args);
    return jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id));
  end if;
  update public.tasks t set status = move.to_state,
    decided_by = case when verb in ('confirm', 'reject') then actor ->> 'id' else t.decided_by end,
    decided_at = case when verb in ('confirm', 'reject') then verne.now() else t.decided_at end,
    ended_by = case when verb = 'cancel' then actor ->> 'id' end,
    reason = coalesce(decide_task.reason, t.reason)
  where t.id = task.id returning * into task;
  perform verne.publish_event(move.topic, 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.after_decision(task, verb, gate ->> 'guild_id');
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'decided', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.decide_task from public, anon, authenticated;
grant execute on function public.decide_task to service_role, verne_worker;
