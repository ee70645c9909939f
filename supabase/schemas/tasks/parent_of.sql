-- The task that a wish goes on from: {} where it names none, its id and what it is made as, or why not. Only what is over is
-- tried again; only what is finished is followed up.
create or replace function verne.parent_of(actor jsonb, guild uuid, wish jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  session verne.sessions;
begin
  if wish ->> 'parent' is null then
    return '{}';
  end if;
  select * into task from public.tasks t where t.id = (wish ->> 'parent')::uuid and t.guild_id = parent_of.guild
    and verne.sees_task(actor, t);
  select * into session from verne.sessions s where s.task_id = task.id;
  return case
    when task.id is null then jsonb_build_object('kind', 'unknown_task')
    when (verne.session_verbs(task, session) ? (wish ->> 'origin')) is not true
      then jsonb_build_object('kind', 'parent_moved', 'task', verne.task_view(task.id))
    else jsonb_build_object('id', task.id, 'origin', wish -> 'origin') end;
end $$;
