-- No writer, whoever it is, moves a task along a way that the transitions do not have.
create or replace function verne.guard_task() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.status <> old.status and not exists (
    select from verne.transitions t where t.noun = 'task' and t.from_state = old.status and t.to_state = new.status) then
    raise exception 'a task cannot go from % to %', old.status, new.status using errcode = 'VN001';
  end if;
  new.revision := old.revision + 1;
  return new;
end $$;
