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
