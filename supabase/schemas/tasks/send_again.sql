-- A message that was given up is owed once more, where it was meant for or, `here`, where who presses is. For who asked for the
-- task and for who may confirm it. Its card, which shows the prompt, goes to another channel by who asked alone.
create or replace function public.send_again(actor jsonb, number int, message text, here boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('number', send_again.number, 'message', message, 'send_again', case when here then 'here' else 'there' end);
  gate jsonb := verne.authorise(actor, 'task.read', args);
  task public.tasks;
  is_mine boolean;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.guild_id = (gate ->> 'guild')::uuid and t.number = send_again.number for no key update;
  is_mine := task.discord_user_id = actor ->> 'id';
  gate := case
    when verne.sees_task(actor, task) is not true then jsonb_build_object('kind', 'unknown_task')
    when is_mine then jsonb_build_object('kind', 'allowed')
    else coalesce(verne.refused_there(actor, 'task.confirm',
      jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id)), jsonb_build_object('kind', 'allowed')) end;
  if gate ->> 'kind' is not distinct from 'allowed' then
    gate := jsonb_build_object('kind', verne.owe_again('task:' || task.id, message::bigint,
      case when here then actor ->> 'channel' end, is_mine or task.channel_id in (actor ->> 'channel', actor ->> 'parent_channel')));
  end if;
  perform verne.append_audit(actor, 'task.read', case gate ->> 'kind' when 'owed' then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  return gate;
end $$;
revoke all on function public.send_again from public, anon, authenticated;
grant execute on function public.send_again to service_role, verne_worker;
