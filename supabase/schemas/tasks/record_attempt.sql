-- Commits the intent to create a session, before the POST. 'taken' where somebody else has written meanwhile, 'paused'
-- where nothing new may begin.
create or replace function public.record_attempt(task_id text, revision int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  if exists (select from verne.sessions s where s.task_id = record_attempt.task_id::uuid and verne.is_paused(s.tenant)) then
    return jsonb_build_object('kind', 'paused');
  end if;
  update verne.sessions s set phase = 'opening', attempts = s.attempts + 1, attempted_at = verne.now(), revision = s.revision + 1
  where s.task_id = record_attempt.task_id::uuid and s.revision = record_attempt.revision
    and s.name is null and s.attempted_at is null and s.attempts < 3 and s.admitted_at is not null and s.ended_at is null
    and exists (select from public.tasks t where t.id = s.task_id and t.status = 'in_progress')
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'taken');
  end if;
  return jsonb_build_object('kind', 'recorded', 'revision', session.revision, 'attempted_at', session.attempted_at);
end $$;
revoke all on function public.record_attempt from public, anon, authenticated;
grant execute on function public.record_attempt to service_role, verne_worker;
