-- Starts as many queued sessions as the account's last 24 hours and running limit allow, in the order of their places. Where
-- the day has no place left for those that still wait, who can mend their keys is told.
create or replace function verne.admit_tasks(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  used record;
  next record;
  started int := 0;
begin
  perform verne.lock_account(admit_tasks.account_id);
  perform verne.rest_sessions(admit_tasks.account_id);
  delete from verne.creations c where c.account_id = admit_tasks.account_id and c.at < verne.now() - interval '2 days';
  if not exists (select from verne.sessions s
    where s.account_id = admit_tasks.account_id and s.phase = 'queued' and s.admitted_at is null and s.ended_at is null) then
    return;
  end if;
  select u.per_day - u.today as today, least(u.at_once - u.running, u.per_day - u.today) as now into used
  from verne.account_use(admit_tasks.account_id) u;
  for next in
    select q.task_id, q.tenant, t.correlation_id from verne.queue_order(admit_tasks.account_id) q join public.tasks t on t.id = q.task_id
    where q.place <= used.now order by q.place
  loop
    update verne.sessions s set admitted_at = verne.now(), phase = 'opening', revision = s.revision + 1 where s.task_id = next.task_id;
    perform verne.publish_event('task.admitted', 'task:' || next.task_id, '{}',
      jsonb_build_object('tenant', next.tenant, 'source', 'tasks', 'correlation', next.correlation_id));
    started := started + 1;
  end loop;
  if started >= used.today then
    perform verne.tell_key_exhausted(w.key_id) from (
      select distinct s.key_id from verne.sessions s
      where s.account_id = admit_tasks.account_id and s.phase = 'queued' and s.admitted_at is null and s.ended_at is null
        and not verne.is_paused(s.tenant)) w
    where not verne.key_refused(w.key_id);
  end if;
end $$;
