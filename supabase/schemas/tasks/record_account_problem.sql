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
