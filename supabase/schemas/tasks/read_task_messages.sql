-- A page of the messages that were owed for the task of a number, newest first: what, where, when, how often tried. `cursor`:
-- before or after (the place of a message in the order they were owed).
create or replace function public.read_task_messages(actor jsonb, number int, cursor jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('number', read_task_messages.number, 'view', 'delivery');
  gate jsonb := verne.authorise(actor, 'task.read', args);
  task public.tasks;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.guild_id = (gate ->> 'guild')::uuid and t.number = read_task_messages.number;
  gate := gate || jsonb_build_object('kind', case when verne.sees_task(actor, task) is true then 'messages' else 'unknown_task' end);
  perform verne.append_audit(actor, 'task.read', case gate ->> 'kind' when 'messages' then 'allowed' else 'refused: unknown_task' end, args);
  if gate ->> 'kind' is not distinct from 'unknown_task' then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  return jsonb_build_object('kind', 'messages', 'number', task.number, 'guild_id', gate -> 'guild_id',
    'may_send', task.discord_user_id = actor ->> 'id' or verne.refused_there(actor, 'task.confirm',
      jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id)) is null)
    || verne.owed_messages('task:' || task.id, cursor, 6);
end $$;
revoke all on function public.read_task_messages from public, anon, authenticated;
grant execute on function public.read_task_messages to service_role, verne_worker;
