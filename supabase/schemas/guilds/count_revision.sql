-- Whoever changes a server's row, its revision goes up by one. The trigger leaves out the number of its last task.
create or replace function verne.count_revision() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.revision := old.revision + (to_jsonb(new) - 'revision' is distinct from to_jsonb(old) - 'revision')::int;
  return new;
end $$;
