-- A session that provably never ran (its plan expired before Verne approved it) is opened anew under a new marker, when its
-- account has a place for it: it queues as old as it is. The old one becomes a stray: archived, never approved.
create or replace function public.renew_session(task_id text, revision int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = renew_session.task_id::uuid;
  select * into session from verne.sessions s
  where s.task_id = renew_session.task_id::uuid and s.revision = renew_session.revision and s.approved_at is null and s.ended_at is null
  for update;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  insert into verne.strays (name, task_id) select session.name, session.task_id where session.name is not null on conflict do nothing;
  update verne.sessions s set phase = 'queued', admitted_at = null, name = null, url = null, jules_state = null, seen_state = null,
    seen_updated_at = null, marker = verne.new_marker(), attempts = 0, attempted_at = null,
    recreated = s.recreated + 1, progress = '{}', activities_until = null, opened_at = null, moved_at = verne.now(),
    finishing_since = null, approval_sent_at = null, silent_at = null, missing_since = null, approved_hash = null, approved_by = null, phase_since = verne.now(), revision = s.revision + 1
  where s.task_id = session.task_id;
  delete from verne.plans p where p.task_id = session.task_id;
  perform verne.publish_event('session.delayed', 'task:' || session.task_id, jsonb_build_object('recreated', session.recreated + 1),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  perform verne.admit_tasks(session.account_id);
  -- Its sweep archives the stray, and admits what must wait now.
  perform verne.publish_event('account.watched', 'account:' || session.account_id, '{}', jsonb_build_object('source', 'tasks'));
  return jsonb_build_object('kind', 'renewed');
end $$;
revoke all on function public.renew_session from public, anon, authenticated;
grant execute on function public.renew_session to service_role, verne_worker;
