-- Takes an intent back: the POST certainly made nothing (not counted), or was looked for in vain through its whole window.
create or replace function public.clear_attempt(task_id text, revision int, counted boolean, why text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = clear_attempt.task_id::uuid;
  perform from public.tasks t where t.id = clear_attempt.task_id::uuid for no key update; -- the task before its session, as everywhere
  update verne.sessions s set attempted_at = null, attempts = case when counted then s.attempts else s.attempts - 1 end,
    phase = case when s.ended_at is not null then 'stopped' when counted and s.attempts >= 3 then 'unsure' else s.phase end,
    revision = s.revision + 1
  where s.task_id = clear_attempt.task_id::uuid and s.revision = clear_attempt.revision and s.name is null
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  update public.tasks t set last_error = why || case when counted and t.last_error is not null then ' ' || t.last_error else '' end where t.id = session.task_id and t.status = 'in_progress';
  if session.phase = 'unsure' then -- three times without an answer: a person must decide
    perform verne.add_message('task:' || session.task_id, 'note', 'outcome',
      (select jsonb_build_object('place', 'channel', 'id', t.channel_id) from public.tasks t where t.id = session.task_id),
      jsonb_build_object('phase', 'unsure', 'error', why, 'guild_id', session.tenant), 'task:' || session.task_id || ':unsure');
  end if;
  perform verne.publish_event('session.delayed', 'task:' || session.task_id, '{}',
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  if session.phase in ('stopped', 'unsure') then
    perform verne.admit_tasks(session.account_id);
  end if;
  return jsonb_build_object('kind', 'cleared', 'phase', session.phase, 'revision', session.revision);
end $$;
revoke all on function public.clear_attempt from public, anon, authenticated;
grant execute on function public.clear_attempt to service_role, verne_worker;
