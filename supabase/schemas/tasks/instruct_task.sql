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
  -- The same message may be heard by two processes at once.
  perform pg_advisory_xact_lock(hashtextextended('instruction:' || instruct_task.request_key, 7));
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
