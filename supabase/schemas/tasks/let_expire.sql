-- Ends the wait of a task, whose row the caller holds, where its time is over: it expires, and its requester is told.
create or replace function verne.let_expire(task public.tasks) returns boolean
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare tenant text;
begin
  if (task.status = 'pending_confirmation' and verne.waits_until(task) <= verne.now()) is not true then
    return false;
  end if;
  update public.tasks t set status = 'expired' where t.id = task.id;
  tenant := verne.tenant_of(task.guild_id);
  perform verne.publish_event('task.expired', 'task:' || task.id, '{}',
    jsonb_build_object('tenant', tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.add_message('task:' || task.id, 'note', 'expiry', jsonb_build_object('place', 'channel', 'id', task.channel_id),
    jsonb_build_object('guild_id', tenant), 'task:' || task.id || ':expiry');
  perform verne.audit_task(task.id, 'task.expire');
  return true;
end $$;
