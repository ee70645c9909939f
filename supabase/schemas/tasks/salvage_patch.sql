-- Hands the newest patch of a session's work to the task's thread, as a file, for whoever may see the task.
create or replace function public.salvage_patch(actor jsonb, task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id);
  gate jsonb := verne.authorise(actor, 'task.read', args);
  task public.tasks;
  kept verne.patches;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = salvage_patch.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid
    and verne.sees_task(actor, t);
  select * into kept from verne.patches p where p.task_id = task.id;
  gate := gate || jsonb_build_object('kind', case
    when task.id is null then 'unknown_task' when kept.task_id is null then 'no_patch' when kept.patch is null then 'too_large' else 'posted' end);
  if gate ->> 'kind' is not distinct from 'posted' then
    -- Whoever asks again for the same patch is led to the one that is there.
    perform verne.add_message('task:' || task.id, 'note', 'patch', jsonb_build_object('place', 'thread', 'id', task.channel_id),
      jsonb_build_object('by', actor ->> 'id', 'guild_id', gate -> 'guild_id', 'chars', kept.chars, 'base_commit', kept.base_commit, 'file', kept.patch),
      'task:' || task.id || ':patch:' || extract(epoch from kept.kept_at) || ':' || (actor ->> 'id'));
    perform verne.publish_event('task.updated', 'task:' || task.id, '{}',
      jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  perform verne.append_audit(actor, 'task.read', case gate ->> 'kind' when 'posted' then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  return jsonb_build_object('kind', gate -> 'kind', 'chars', kept.chars)
    || case when task.id is not null then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
end $$;
revoke all on function public.salvage_patch from public, anon, authenticated;
grant execute on function public.salvage_patch to service_role, verne_worker;
