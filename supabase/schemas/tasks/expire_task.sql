-- A task that nobody decided in time expires, and its requester is told. Else: until when it waits, or that it does not.
create or replace function public.expire_task(task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  tenant text;
begin
  select * into task from public.tasks t where t.id = expire_task.task_id::uuid for update;
  if task.status is distinct from 'pending_confirmation' or task.expires_at is null then
    return jsonb_build_object('kind', 'over');
  end if;
  if task.expires_at > verne.now() then
    return jsonb_build_object('kind', 'waits', 'until', task.expires_at);
  end if;
  update public.tasks t set status = 'expired' where t.id = task.id;
  tenant := verne.tenant_of(task.guild_id);
  perform verne.publish_event('task.expired', 'task:' || task.id, '{}',
    jsonb_build_object('tenant', tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.add_message('task:' || task.id, 'note', 'expiry', jsonb_build_object('place', 'channel', 'id', task.channel_id),
    jsonb_build_object('guild_id', tenant), 'task:' || task.id || ':expiry');
  return jsonb_build_object('kind', 'expired');
end $$;
revoke all on function public.expire_task from public, anon, authenticated;
grant execute on function public.expire_task to service_role, verne_worker;
