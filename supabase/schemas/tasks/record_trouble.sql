-- Verne gave up on something of a task in progress: its card says so, until an operator replays it.
create or replace function public.record_trouble(task_id text, trouble text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare tenant text;
begin
  update public.tasks t set last_error = trouble where t.id = record_trouble.task_id::uuid and t.status = 'in_progress';
  if not found then
    return jsonb_build_object('kind', 'over');
  end if;
  select s.tenant into tenant from verne.sessions s where s.task_id = record_trouble.task_id::uuid;
  perform verne.publish_event('session.delayed', 'task:' || record_trouble.task_id, '{}',
    jsonb_build_object('tenant', tenant, 'source', 'tasks', 'level', 2));
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_trouble from public, anon, authenticated;
grant execute on function public.record_trouble to service_role, verne_worker;
