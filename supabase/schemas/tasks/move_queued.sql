-- Moves what waits on a key, and of which no attempt was ever made, to the server's spare key with the most room today;
-- nothing where there is none. The accounts of all that may be it are held by then. Gives back which tasks were moved.
create or replace function verne.move_queued(account_id uuid, key_id uuid) returns uuid[]
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  spare jsonb := verne.choose_key(verne.spare_keys(move_queued.key_id));
  moved record;
  tasks uuid[] := '{}';
begin
  if spare is null then
    return tasks;
  end if;
  perform from public.tasks t where t.id in (select s.task_id from verne.sessions s -- the task before its session, as everywhere
    where s.account_id = move_queued.account_id and s.key_id = move_queued.key_id and s.ended_at is null and s.name is null) order by t.id for no key update;
  for moved in
    update verne.sessions s set account_id = (spare ->> 'account')::uuid, key_id = (spare ->> 'id')::uuid, revision = s.revision + 1,
      phase = 'queued', admitted_at = null
    where s.account_id = move_queued.account_id and s.key_id = move_queued.key_id and s.ended_at is null
      and s.name is null and s.attempted_at is null and s.attempts = 0
    returning s.task_id, s.tenant
  loop
    tasks := tasks || moved.task_id;
    update public.tasks t set account_id = (spare ->> 'account')::uuid, key_id = (spare ->> 'id')::uuid, key_last4 = spare ->> 'last4',
      last_error = null where t.id = moved.task_id;
    perform verne.publish_event('task.updated', 'task:' || moved.task_id, jsonb_build_object('key', spare -> 'last4'),
      jsonb_build_object('tenant', moved.tenant, 'source', 'tasks'));
  end loop;
  perform verne.admit_tasks((spare ->> 'account')::uuid);
  perform verne.publish_event('account.watched', 'account:' || (spare ->> 'account'), '{}', jsonb_build_object('source', 'tasks'));
  return tasks;
end $$;
