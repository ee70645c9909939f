set check_function_bodies = off;

-- The one gate: the first statement of every function that acts for a person. Answers {kind: allowed} with what
-- applies to the actor, or {kind: not_permitted} with the roles that would be needed; a refusal is audited here.
create or replace function verne.authorise(actor jsonb, operation text, args jsonb default '{}') returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  if actor ->> 'guild' is null then
    perform verne.append_audit(actor, authorise.operation, 'refused: not_in_a_server', args);
    return jsonb_build_object('kind', 'not_in_a_server');
  end if;
  guild := verne.touch_guild(actor);
  if authorise.operation not like 'task.%' then -- a task's account is locked before the server's row, which this locks
    guild := verne.name_installer(actor, guild);
  end if;
  if verne.may(actor, authorise.operation, guild) is not true then
    perform verne.append_audit(actor, authorise.operation, 'refused: not_permitted', args);
    return jsonb_build_object('kind', 'not_permitted', 'operation', authorise.operation,
      'roles', case when authorise.operation in ('task.confirm', 'task.cancel') then guild.permissions -> 'confirm_roles'
        when authorise.operation = 'task.create' then (guild.permissions -> 'create_roles') || (guild.permissions -> 'confirm_roles')
        else '[]'::jsonb end);
  end if;
  return jsonb_build_object('kind', 'allowed') || verne.standing(actor, guild);
end $$;

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

-- A person asks: may they, with whose key, on what; then the task, its card, its event and the audit in one transaction.
-- The same request key gives the first answer again. `wish`: prompt, repo, branch.
create or replace function public.request_task(actor jsonb, request_key text, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('repo', wish -> 'repo', 'branch', wish -> 'branch', 'prompt_length', length(wish ->> 'prompt'));
  gate jsonb;
  target jsonb;
  task public.tasks;
begin
  select * into task from public.tasks t where t.request_key = request_task.request_key;
  if task.id is not null then
    return jsonb_build_object('kind', 'requested', 'task', verne.task_view(task.id));
  end if;
  gate := verne.authorise(actor, 'task.create', args);
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  target := case when gate -> 'key' = 'null'::jsonb then jsonb_build_object('kind', 'no_key') else verne.choose_target(gate, wish) end;
  if target ->> 'kind' <> 'target' then
    if target ->> 'kind' in ('unknown_repo', 'unknown_branch') then -- it may have been added since: look again at once
      perform verne.publish_event('sources.wanted', 'key:' || (gate -> 'key' ->> 'id'), '{}', jsonb_build_object('source', 'tasks'));
    end if;
    perform verne.append_audit(actor, 'task.create', 'refused: ' || (target ->> 'kind'), args);
    return target;
  end if;
  perform verne.lock_account((gate -> 'key' ->> 'account')::uuid);
  task := verne.insert_task(actor, request_key, wish, gate, target);
  perform verne.publish_event('task.requested', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.add_message('task:' || task.id, 'card', 'task', jsonb_build_object('place', 'channel', 'id', task.channel_id),
    jsonb_build_object('notice', gate -> 'notice', 'guild_id', gate ->> 'guild_id'), 'task:' || task.id || ':card');
  if task.status = 'in_progress' then
    perform verne.queue_session(task, gate ->> 'guild_id');
  else
    perform verne.tell_approvers(task, gate);
  end if;
  perform verne.append_audit(actor, 'task.create', 'allowed', args || jsonb_build_object('task', task.id, 'number', task.number));
  return jsonb_build_object('kind', 'requested', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.request_task from public, anon, authenticated;
grant execute on function public.request_task to service_role, verne_worker;

-- The whole prompt, for one pair of eyes: anybody who can see the card may read what it asks for.
create or replace function public.show_prompt(actor jsonb, task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  gate jsonb := verne.authorise(actor, 'task.read', jsonb_build_object('task', task_id));
  task public.tasks;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = show_prompt.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'task.read', case when task.id is null then 'refused: unknown_task' else 'allowed' end,
    jsonb_build_object('task', task_id));
  if task.id is null then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  return jsonb_build_object('kind', 'prompt', 'number', task.number, 'prompt', task.prompt);
end $$;
revoke all on function public.show_prompt from public, anon, authenticated;
grant execute on function public.show_prompt to service_role, verne_worker;

reset check_function_bodies;
