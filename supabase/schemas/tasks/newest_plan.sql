-- The hash of a task's newest plan; null where there is none.
create or replace function verne.newest_plan(task_id uuid) returns text
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (select p.hash from verne.plans p where p.task_id = newest_plan.task_id order by p.created_at desc limit 1);
end $$;
