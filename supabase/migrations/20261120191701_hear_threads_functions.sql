set check_function_bodies = off;

-- What somebody wrote in a task's thread was not told: their message is marked, and answered with why. `said`: channel_id,
-- message_id, by; `mark` ('warned', 'barred' or null); sentence; `once` names what a person is answered only once per thread.
create or replace function public.answer_said(task_id text, said jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  subject text := 'task:' || task_id;
  at jsonb := jsonb_build_object('place', 'channel', 'id', said -> 'channel_id');
begin
  if said ->> 'mark' is not null then
    perform verne.add_message(subject, 'note', said ->> 'mark', at, jsonb_build_object('on', said -> 'message_id', 'by', said -> 'by'),
      subject || ':' || (said ->> 'mark') || ':' || (said ->> 'message_id'));
  end if;
  perform verne.add_message(subject, 'note', 'unheard', at,
    jsonb_build_object('by', said -> 'by', 'sentence', said -> 'sentence', 'reply_to', said -> 'message_id'),
    subject || ':unheard:' || coalesce((said ->> 'by') || ':' || (said ->> 'once'), said ->> 'message_id'));
  perform verne.publish_event('task.updated', subject, '{}', jsonb_build_object('source', 'discord'));
  return jsonb_build_object('kind', 'answered');
end $$;
revoke all on function public.answer_said from public, anon, authenticated;
grant execute on function public.answer_said to service_role, verne_worker;

-- The task whose card a thread begins at, and the channel of both; null for every other thread.
create or replace function public.read_thread(thread_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('task_id', substr(m.subject, 6), 'channel_id', m.channel_id)
  from verne.messages m
  where m.kind = 'card' and m.message_id = read_thread.thread_id and m.subject like 'task:%' limit 1
$$;
revoke all on function public.read_thread from public, anon, authenticated;
grant execute on function public.read_thread to service_role, verne_worker;

-- A person tells Jules something in the task's session: the answer to a question, changes to a plan, or anything else. It is
-- kept, and sent as soon as Jules takes it. The same request key gives the first answer again. `wish`: kind, text,
-- about; of a message in the task's thread its `said` {channel, message}, and `aside`: a sentence about what of it is not sent.
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
  select * into task from public.tasks t where t.id = instruct_task.task_id::uuid for update;
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

-- How an instruction that was written in a thread stands, as a reaction on its author's message: 'kept', 'told', 'warned'. Of
-- what is kept, the sentence `aside` answers it where a part is not sent.
create or replace function verne.mark_said(told verne.instructions, mark text, facts jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  subject text := 'task:' || told.task_id;
  at jsonb := jsonb_build_object('place', 'channel', 'id', told.channel_id);
begin
  if told.message_id is null then
    return;
  end if;
  perform verne.add_message(subject, 'note', mark_said.mark, at, (mark_said.facts - 'aside' - 'reply_to') || jsonb_build_object('on', told.message_id, 'by', told.author),
    subject || ':' || mark_said.mark || ':' || told.message_id);
  if facts ->> 'aside' is not null then
    perform verne.add_message(subject, 'note', 'unheard', at,
      jsonb_build_object('by', told.author, 'sentence', facts -> 'aside', 'reply_to', told.message_id), subject || ':unheard:' || told.message_id);
  end if;
end $$;

-- What became of an instruction: 'delivered'; 'refused', with the problem; or its intent is taken back: 'certainly' not sent,
-- or looked for in vain ('lost'), which counts. Who wrote it reads the outcome in the task's thread: a note, or, where they
-- wrote in the thread itself, a reaction on their message, and a note only where Jules was not told.
create or replace function public.settle_instruction(id text, outcome text, problem text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  told verne.instructions;
  task public.tasks;
  tenant text;
  facts jsonb;
begin
  update verne.instructions i set attempted_at = null,
    attempts = case outcome when 'certainly' then i.attempts - 1 else i.attempts end,
    state = case when outcome = 'delivered' then 'delivered' when outcome = 'refused' or outcome = 'lost' and i.attempts >= 3 then 'refused' else i.state end,
    delivered_at = case outcome when 'delivered' then verne.now() end,
    problem = settle_instruction.problem
  where i.id = settle_instruction.id::uuid and i.state = 'waiting'
  returning * into told;
  if told.id is null then
    return jsonb_build_object('kind', 'settled_before');
  end if;
  if told.state <> 'waiting' then
    select * into task from public.tasks t where t.id = told.task_id;
    select s.tenant into tenant from verne.sessions s where s.task_id = task.id;
    facts := jsonb_build_object('by', told.author, 'kind', told.kind, 'text', told.text, 'problem', told.problem, 'guild_id', tenant, 'reply_to', told.message_id);
    perform verne.mark_said(told, case told.state when 'delivered' then 'told' else 'warned' end, facts || jsonb_build_object('text', left(told.text, 4000)));
    if told.state = 'refused' or told.message_id is null then
      perform verne.add_message('task:' || task.id, 'note', case told.state when 'delivered' then 'told' else 'untold' end,
        jsonb_build_object('place', 'thread', 'id', task.channel_id), facts, 'task:' || task.id || ':instruction:' || told.id);
    end if;
    perform verne.publish_event(case told.state when 'delivered' then 'task.instruction_delivered' else 'task.updated' end, 'task:' || task.id,
      jsonb_build_object('kind', told.kind), jsonb_build_object('tenant', tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  return jsonb_build_object('kind', told.state);
end $$;
revoke all on function public.settle_instruction from public, anon, authenticated;
grant execute on function public.settle_instruction to service_role, verne_worker;

reset check_function_bodies;
