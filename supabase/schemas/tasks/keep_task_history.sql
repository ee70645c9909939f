-- What becomes of a task is kept, with who did it.
create or replace function verne.keep_task_history() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into verne.history (task_id, noun, state, by) values (new.id, 'task', 'asked', new.discord_user_id);
    if new.status = 'in_progress' then
      insert into verne.history (task_id, noun, state, by) values (new.id, 'task', 'confirmed', new.decided_by);
    end if;
    return null;
  end if;
  if new.pr_url is distinct from old.pr_url and new.pr_url is not null then
    insert into verne.history (task_id, noun, state) values (new.id, 'task', 'pull_request');
  end if;
  if new.status <> old.status then
    insert into verne.history (task_id, noun, state, by) values (new.id, 'task',
      case when new.status <> 'in_progress' then new.status when old.status = 'pending_confirmation' then 'confirmed' else 'resumed' end,
      case when old.status = 'pending_confirmation' and new.status in ('in_progress', 'rejected') then new.decided_by
        when new.status = 'cancelled' then new.ended_by end);
  end if;
  return null;
end $$;
