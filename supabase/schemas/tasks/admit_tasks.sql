-- Starts as many queued sessions as the account's last 24 hours and running limit allow: the server with the fewest
-- running first, then the oldest request.
create or replace function verne.admit_tasks(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  limits jsonb := verne.account_limits(admit_tasks.account_id);
  next record;
begin
  perform verne.lock_account(admit_tasks.account_id);
  while (select count(*) < (limits ->> 'at_once')::int from verne.sessions s
         where s.account_id = admit_tasks.account_id and s.admitted_at is not null and s.ended_at is null)
    and (select coalesce(sum(1 + s.recreated), 0) < (limits ->> 'per_day')::int from verne.sessions s
         where s.account_id = admit_tasks.account_id and s.admitted_at > verne.now() - interval '24 hours')
  loop
    select s.task_id, s.tenant, t.correlation_id into next from verne.sessions s join public.tasks t on t.id = s.task_id
    where s.account_id = admit_tasks.account_id and s.phase = 'queued' and s.admitted_at is null and s.ended_at is null
    order by (select count(*) from verne.sessions r
      where r.account_id = s.account_id and r.tenant = s.tenant and r.admitted_at is not null and r.ended_at is null), s.queued_at
    limit 1;
    exit when next.task_id is null;
    update verne.sessions s set admitted_at = verne.now(), phase = 'opening', revision = s.revision + 1 where s.task_id = next.task_id;
    perform verne.publish_event('task.admitted', 'task:' || next.task_id, '{}',
      jsonb_build_object('tenant', next.tenant, 'source', 'tasks', 'correlation', next.correlation_id));
  end loop;
end $$;
