-- A confirmed task waits for its account's limits, and starts at once where they leave room.
create or replace function verne.queue_session(task public.tasks, tenant text) returns void
language plpgsql set search_path = '' as $$
begin
  insert into verne.sessions (task_id, account_id, key_id, tenant, marker)
  values (task.id, task.account_id, task.key_id, queue_session.tenant,
    verne.new_marker());
  perform verne.admit_tasks(task.account_id);
  -- Its sweep admits what must wait now.
  perform verne.publish_event('account.watched', 'account:' || task.account_id, '{}', jsonb_build_object('source', 'tasks'));
end $$;
