-- What Verne itself did to a task, by nobody's order, in its server's audit. The last lock taken, as every entry is.
create or replace function verne.audit_task(task_id uuid, operation text, args jsonb default '{}') returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare task public.tasks;
begin
  select * into task from public.tasks t where t.id = audit_task.task_id;
  perform verne.append_audit(jsonb_build_object('id', 'verne', 'door', 'worker', 'command', audit_task.operation,
      'guild', verne.tenant_of(task.guild_id), 'channel', task.channel_id, 'correlation', task.correlation_id),
    audit_task.operation, 'allowed', jsonb_build_object('task', task.id, 'number', task.number) || audit_task.args);
end $$;
