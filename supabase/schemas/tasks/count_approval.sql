-- Counts one approval of a task that waits: `decided` with the last that it needs, `counted` where more are needed,
-- `counted_before` where this person's is among them already, `own_task` where it may not count. What counts is that they
-- held the role when they approved.
create or replace function verne.count_approval(task public.tasks, approver text) returns text
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare count int;
begin
  if task.discord_user_id = count_approval.approver and not task.self_approval then
    return 'own_task';
  end if;
  insert into verne.approvals (task_id, approver) values (task.id, count_approval.approver) on conflict do nothing;
  if not found then
    return 'counted_before';
  end if;
  select count(*) into count from verne.approvals a where a.task_id = task.id;
  return case when count < task.approvals_needed then 'counted' else 'decided' end;
end $$;
