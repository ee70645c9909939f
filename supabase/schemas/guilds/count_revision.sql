-- Whoever changes a server's row, its revision goes up by one; the number of its last task is no change of it.
create or replace function verne.count_revision() returns trigger
language plpgsql set search_path = '' as $$
declare uncounted text[] := '{revision,last_task_number}';
begin
  new.revision := old.revision + (to_jsonb(new) - uncounted is distinct from to_jsonb(old) - uncounted)::int;
  return new;
end $$;
