-- A plan that nobody approved in Jules's time is made once more, by a new session in the place of the old one.
create or replace function public.plan_again(actor jsonb, task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id);
  task public.tasks;
  session verne.sessions;
  operation text;
  gate jsonb;
begin
  select * into task from public.tasks t where t.id = plan_again.task_id::uuid;
  operation := case when task.discord_user_id = actor ->> 'id' then 'task.steer_own' else 'task.steer' end;
  gate := verne.authorise(actor, operation, args, jsonb_build_object('repo', task.repo, 'branch', task.branch));
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  perform verne.lock_account(task.account_id); -- before its tasks, as everywhere
  select * into task from public.tasks t where t.id = plan_again.task_id::uuid for no key update;
  select * into session from verne.sessions s where s.task_id = task.id;
  gate := jsonb_build_object('kind', case
    when task.guild_id is distinct from (gate ->> 'guild')::uuid then 'unknown_task'
    when task.status <> 'in_progress' or session.phase <> 'plan_expired' then 'too_late'
    when public.renew_session(plan_again.task_id, session.revision) ->> 'kind' = 'renewed' then 'renewed'
    else 'too_late' end);
  perform verne.append_audit(actor, operation, case gate ->> 'kind' when 'renewed' then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  return gate || case when gate ->> 'kind' is distinct from 'unknown_task' then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
end $$;
revoke all on function public.plan_again from public, anon, authenticated;
grant execute on function public.plan_again to service_role, verne_worker;
