-- A page of what happened to the task of a number, oldest first, behind the entry `after` (0: from the beginning).
create or replace function public.read_task_history(actor jsonb, number int, after int default 0) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('number', read_task_history.number, 'view', 'timeline');
  gate jsonb := verne.authorise(actor, 'task.read', args);
  size int := 12;
  task public.tasks;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.guild_id = (gate ->> 'guild')::uuid and t.number = read_task_history.number;
  gate := gate || jsonb_build_object('kind', case when verne.sees_task(actor, task) is true then 'history' else 'unknown_task' end);
  perform verne.append_audit(actor, 'task.read', case gate ->> 'kind' when 'history' then 'allowed' else 'refused: unknown_task' end, args);
  if gate ->> 'kind' is not distinct from 'unknown_task' then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  return (
    select jsonb_build_object('kind', 'history', 'task', verne.task_view(task.id), 'card', verne.card_of('task:' || task.id),
      'guild_id', gate -> 'guild_id', 'has_more', coalesce(max(e.of), 0) > read_task_history.after + size,
      'entries', coalesce(jsonb_agg(jsonb_build_object('nth', e.nth, 'at', e.at, 'what', e.what, 'by', e.by, 'text', e.facts -> 'text',
        'kind', e.facts -> 'kind') order by e.nth) filter (where e.nth > read_task_history.after and e.nth <= read_task_history.after + size), '[]'),
      'times', (select jsonb_build_object('approval_s', f.approval_s, 'pr_s', f.pr_s, 'waited_s', verne.waited_for_people(task))
        from verne.task_times(task.guild_id, task.id) f))
    from (select h.*, count(*) over () as of from verne.history_entries(task) h) e);
end $$;
revoke all on function public.read_task_history from public, anon, authenticated;
grant execute on function public.read_task_history to service_role, verne_worker;
