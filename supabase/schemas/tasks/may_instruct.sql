-- Whether this actor could tell a task's session something now, or why not: for a door that fetches files first. It takes,
-- makes and audits nothing.
create or replace function public.may_instruct(actor jsonb, task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  refusal jsonb;
begin
  select * into task from public.tasks t where t.id = may_instruct.task_id::uuid;
  refusal := coalesce(
    verne.would_refuse(actor, case when task.discord_user_id = actor ->> 'id' then 'task.steer_own' else 'task.steer' end,
      jsonb_build_object('repo', task.repo, 'branch', task.branch, 'verb', 'confirm')),
    verne.instruction_refused(task, '{"kind": "steer"}'));
  return coalesce(refusal, '{"kind": "allowed"}');
end $$;
revoke all on function public.may_instruct from public, anon, authenticated;
grant execute on function public.may_instruct to service_role, verne_worker;
