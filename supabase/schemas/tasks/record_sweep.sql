-- One look at an account's list. What moved is told to its follower; a session with a task's marker that is not the
-- task's session is a stray; places that fell free are filled. `seen`: [{name, state, updated_at, marker}].
create or replace function public.record_sweep(account_id text, seen jsonb, archived text[] default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare moved record; moves int := 0;
begin
  perform verne.lock_account(record_sweep.account_id::uuid);
  perform verne.note_key_works(record_sweep.account_id::uuid);
  for moved in
    update verne.sessions s set seen_state = x.state, seen_updated_at = x.updated_at
    from jsonb_to_recordset(seen) x(name text, state text, updated_at timestamptz)
    where s.account_id = record_sweep.account_id::uuid and s.name = x.name
      and (s.seen_state, s.seen_updated_at) is distinct from (x.state, x.updated_at)
    returning s.task_id, s.tenant
  loop
    moves := moves + 1;
    perform verne.publish_event('session.moved', 'task:' || moved.task_id, '{}', jsonb_build_object('tenant', moved.tenant, 'source', 'tasks'));
  end loop;
  insert into verne.strays (name, task_id)
  select x.name, s.task_id from jsonb_to_recordset(seen) x(name text, marker text)
  join verne.sessions s on s.account_id = record_sweep.account_id::uuid and s.marker = x.marker and s.name is distinct from x.name
  -- One that is still being opened will be found by its opener; a prompt may quote the marker of another task.
  where (s.name is not null or s.phase = 'unsure' or s.ended_at is not null)
    and not exists (select from verne.sessions own where own.name = x.name)
  on conflict do nothing;
  update verne.strays set archived_at = verne.now() where name = any (archived) and archived_at is null;
  perform verne.admit_tasks(record_sweep.account_id::uuid);
  return jsonb_build_object('moved', moves);
end $$;
revoke all on function public.record_sweep from public, anon, authenticated;
grant execute on function public.record_sweep to service_role, verne_worker;
