-- Each phase of a session is kept, with who approved its plan.
create or replace function verne.keep_session_history() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' or new.phase <> old.phase then
    insert into verne.history (task_id, noun, state, by) values (new.task_id, 'session', new.phase,
      case when new.phase = 'approving' then new.approved_by end);
  end if;
  return null;
end $$;
