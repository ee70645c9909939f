-- Jules refuses a key: every task that depends on it says so on its card, and waits; what has not begun moves to another
-- key of the same server, where the server has it so. Who can mend the key is told once.
create or replace function public.record_account_problem(account_id text, key_id text, problem text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare hit record;
begin
  -- Before what both hold: whoever writes of many tasks has their accounts first, in one order.
  perform verne.lock_account(a.id) from (select record_account_problem.account_id::uuid as id
    union select (verne.spare_key(record_account_problem.key_id::uuid) ->> 'account')::uuid order by id) a where a.id is not null;
  perform verne.tell_key_problem(record_account_problem.key_id::uuid, record_account_problem.problem);
  perform verne.move_queued(record_account_problem.account_id::uuid, record_account_problem.key_id::uuid);
  for hit in
    update public.tasks t set last_error = record_account_problem.problem from verne.sessions s
    where s.task_id = t.id and s.account_id = record_account_problem.account_id::uuid
      and s.key_id = record_account_problem.key_id::uuid and s.ended_at is null
      and t.status = 'in_progress' and t.last_error is distinct from record_account_problem.problem
    returning t.id, s.tenant
  loop
    perform verne.publish_event('session.delayed', 'task:' || hit.id, '{}', jsonb_build_object('tenant', hit.tenant, 'source', 'tasks'));
  end loop;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_account_problem from public, anon, authenticated;
grant execute on function public.record_account_problem to service_role, verne_worker;
