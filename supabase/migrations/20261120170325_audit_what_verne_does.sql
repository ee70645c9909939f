set check_function_bodies = off;

-- What Verne itself did to a task, by nobody's order, in its server's audit. The last lock taken, as every entry is.
create or replace function verne.audit_task(task_id uuid, operation text, args jsonb default '{}') returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare task public.tasks;
begin
  select * into task from public.tasks t where t.id = audit_task.task_id;
  perform verne.append_audit(jsonb_build_object('id', 'verne', 'door', 'worker', 'command', audit_task.operation,
      'guild', verne.tenant_of(task.guild_id), 'channel', task.channel_id, 'correlation', task.correlation_id),
    audit_task.operation, 'allowed', jsonb_build_object('task', task.id, 'number', task.number) || audit_task.args);
end $$;

-- Ends the wait of a task, whose row the caller holds, where its time is over: it expires, and its requester is told.
create or replace function verne.let_expire(task public.tasks) returns boolean
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare tenant text;
begin
  if (task.status = 'pending_confirmation' and verne.waits_until(task) <= verne.now()) is not true then
    return false;
  end if;
  update public.tasks t set status = 'expired' where t.id = task.id;
  tenant := verne.tenant_of(task.guild_id);
  perform verne.publish_event('task.expired', 'task:' || task.id, '{}',
    jsonb_build_object('tenant', tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.add_message('task:' || task.id, 'note', 'expiry', jsonb_build_object('place', 'channel', 'id', task.channel_id),
    jsonb_build_object('guild_id', tenant), 'task:' || task.id || ':expiry');
  perform verne.audit_task(task.id, 'task.expire');
  return true;
end $$;

drop function verne.move_queued(uuid, uuid);
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
    where s.account_id = move_queued.account_id and s.key_id = move_queued.key_id and s.ended_at is null and s.name is null) order by t.id for update;
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

-- Jules refuses a key, or it was removed: every task that depends on it says so on its card, and waits; what has not begun
-- moves to another key of the same server, where the server has it so, or gives its place back. Who can mend the key is
-- told once. What may have begun at Jules never moves.
create or replace function public.record_account_problem(account_id text, key_id text, problem text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  account uuid := record_account_problem.account_id::uuid;
  key uuid := record_account_problem.key_id::uuid;
  hit record;
  moved uuid[];
begin
  -- Before what both hold: whoever writes of many tasks has their accounts first, in one order.
  perform verne.lock_account(a.id) from (select account as id
    union select (k ->> 'account')::uuid from jsonb_array_elements(verne.spare_keys(key)) k order by id) a;
  perform verne.tell_key_problem(key, record_account_problem.problem);
  moved := verne.move_queued(account, key);
  perform verne.wait_for_key(account, key, record_account_problem.problem);
  for hit in
    update public.tasks t set last_error = record_account_problem.problem from verne.sessions s
    where s.task_id = t.id and s.account_id = account and s.key_id = key and s.ended_at is null
      and t.status = 'in_progress' and t.last_error is distinct from record_account_problem.problem
    returning t.id, s.tenant
  loop
    perform verne.publish_event('session.delayed', 'task:' || hit.id, '{}', jsonb_build_object('tenant', hit.tenant, 'source', 'tasks'));
  end loop;
  perform verne.audit_task(t.id, 'task.move', jsonb_build_object('key_of', t.key_owner, 'last4', t.key_last4))
  from public.tasks t where t.id = any (moved);
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_account_problem from public, anon, authenticated;
grant execute on function public.record_account_problem to service_role, verne_worker;

-- Jules refuses a key: who can mend it is told, once until it works again.
create or replace function verne.tell_key_problem(key_id uuid, problem text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare mender jsonb;
begin
  if not verne.note_key_problem(tell_key_problem.key_id, tell_key_problem.problem) then
    return;
  end if;
  mender := verne.who_mends(tell_key_problem.key_id);
  if mender ->> 'person' ~ '^[0-9]{15,20}$' then
    perform verne.add_message('key:' || tell_key_problem.key_id, 'note', 'key_refused', jsonb_build_object('place', 'dm', 'id', mender -> 'person'),
      jsonb_build_object('last4', mender -> 'last4', 'problem', tell_key_problem.problem) || (mender -> 'about'),
      'key:' || tell_key_problem.key_id || ':refused:' || (mender ->> 'since'));
  end if;
  perform verne.publish_event('key.refused', 'key:' || tell_key_problem.key_id, '{}', jsonb_build_object('source', 'tasks', 'level', 2));
end $$;

-- Tasks wait for a key that has nothing left for the day, by what Verne counts or (`why`) by what Jules says: who can mend
-- that is told, once in 24 hours however many wait.
create or replace function verne.tell_key_exhausted(key_id uuid, why text default null) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  key uuid := (verne.find_key(tell_key_exhausted.key_id)).id; -- perhaps entered anew since
  account uuid := (verne.find_key(tell_key_exhausted.key_id)).account_id;
  mender jsonb := verne.who_mends(key);
  used record;
begin
  if mender ->> 'person' ~ '^[0-9]{15,20}$' is not true or not verne.note_key_exhausted(key) then
    return;
  end if;
  select * into used from verne.account_use(account);
  perform verne.add_message('key:' || key, 'note', 'key_exhausted', jsonb_build_object('place', 'dm', 'id', mender -> 'person'),
    jsonb_build_object('last4', mender -> 'last4', 'why', tell_key_exhausted.why, 'used', used.today, 'per_day', used.per_day,
      'back_at', verne.place_comes(1, used.per_day, verne.taken_places(account), interval '24 hours', verne.now())) || (mender -> 'about'),
    'key:' || key || ':exhausted:' || verne.now());
  perform verne.publish_event('key.exhausted', 'key:' || key, '{}', jsonb_build_object('source', 'tasks', 'level', 2));
end $$;

-- Who can mend a key: the person whose it is, or who entered the server's. Null where it is gone. `about` is what a message of it is about: of a server
-- that has removed the bot none is sent.
create or replace function verne.who_mends(key_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('person', coalesce(k.owner_id, k.added_by), 'last4', k.last4, 'since', k.problem_at,
      'about', jsonb_strip_nulls(jsonb_build_object('guild_id', k.guild_id)))
    from verne.keys k where k.id = who_mends.key_id and k.revoked_at is null);
end $$;

reset check_function_bodies;
