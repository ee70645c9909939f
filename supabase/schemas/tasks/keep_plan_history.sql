-- Jules may make several plans, of which a renewed session keeps none.
create or replace function verne.keep_plan_history() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into verne.history (task_id, noun, state) values (new.task_id, 'plan', 'made');
  return null;
end $$;
