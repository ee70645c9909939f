set check_function_bodies = off;

-- The other keys of the same server, for the same or for everybody, that Jules did not refuse: where a server moves what
-- waits. None for a person's key: nothing moves to or from it.
create or replace function verne.spare_keys(key_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'account', k.account_id, 'last4', k.last4) order by k.added_at), '[]')
    from verne.keys mine join public.guilds g on g.guild_id = mine.guild_id and g.key_rule = 'move'
    join verne.keys k on k.guild_id = mine.guild_id and k.account_id <> mine.account_id and k.revoked_at is null and k.problem_at is null
      and (k.role_id is null or k.role_id = mine.role_id) and (k.channel_id is null or k.channel_id = mine.channel_id)
    where mine.id = spare_keys.key_id);
end $$;

-- Moves what waits on a key, and of which no attempt was ever made, to the server's spare key with the most room today;
-- nothing where there is none. The accounts of all that may be it are held by then.
create or replace function verne.move_queued(account_id uuid, key_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  spare jsonb := verne.choose_key(verne.spare_keys(move_queued.key_id));
  moved record;
begin
  if spare is null then
    return;
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
    update public.tasks t set account_id = (spare ->> 'account')::uuid, key_id = (spare ->> 'id')::uuid, key_last4 = spare ->> 'last4',
      last_error = null where t.id = moved.task_id;
    perform verne.publish_event('task.updated', 'task:' || moved.task_id, jsonb_build_object('key', spare -> 'last4'),
      jsonb_build_object('tenant', moved.tenant, 'source', 'tasks'));
  end loop;
  perform verne.admit_tasks((spare ->> 'account')::uuid);
  perform verne.publish_event('account.watched', 'account:' || (spare ->> 'account'), '{}', jsonb_build_object('source', 'tasks'));
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
begin
  -- Before what both hold: whoever writes of many tasks has their accounts first, in one order.
  perform verne.lock_account(a.id) from (select account as id
    union select (k ->> 'account')::uuid from jsonb_array_elements(verne.spare_keys(key)) k order by id) a;
  perform verne.tell_key_problem(key, record_account_problem.problem);
  perform verne.move_queued(account, key);
  perform verne.wait_for_key(account, key, record_account_problem.problem);
  for hit in
    update public.tasks t set last_error = record_account_problem.problem from verne.sessions s
    where s.task_id = t.id and s.account_id = account and s.key_id = key and s.ended_at is null
      and t.status = 'in_progress' and t.last_error is distinct from record_account_problem.problem
    returning t.id, s.tenant
  loop
    perform verne.publish_event('session.delayed', 'task:' || hit.id, '{}', jsonb_build_object('tenant', hit.tenant, 'source', 'tasks'));
  end loop;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_account_problem from public, anon, authenticated;
grant execute on function public.record_account_problem to service_role, verne_worker;

drop function verne.spare_key(uuid);

reset check_function_bodies;
