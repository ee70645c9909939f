-- Counts one approval of a task that waits. Answers why it does not count, {kind: counted} where more are needed, or null:
-- that was the last one.
create or replace function verne.count_approval(task public.tasks, approver text) returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare count int;
begin
  if task.discord_user_id = count_approval.approver and not task.self_approval then
    return jsonb_build_object('kind', 'own_task');
  end if;
  insert into verne.approvals (task_id, approver) values (task.id, count_approval.approver) on conflict do nothing;
  select count(*) into count from verne.approvals a where a.task_id = task.id;
  return case when count < task.approvals_needed then jsonb_build_object('kind', 'counted') end;
end $$;
