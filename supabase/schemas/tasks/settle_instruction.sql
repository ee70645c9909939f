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
    facts := jsonb_build_object('by', told.author, 'kind', told.kind, 'text', told.text, 'problem', told.problem, 'guild_id', tenant, 'reply_to', told.message_id,
      'about', left(told.id::text, 8));
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
