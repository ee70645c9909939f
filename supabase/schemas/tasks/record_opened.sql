-- Jules's session becomes the task's one session. `opened`: name, url, state, and strays, the others of the same marker.
create or replace function public.record_opened(task_id text, opened jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  perform from public.tasks t where t.id = record_opened.task_id::uuid for no key update; -- the task before its session, as everywhere
  insert into verne.strays (name, task_id) select stray.name, record_opened.task_id::uuid
  from jsonb_array_elements_text(coalesce(opened -> 'strays', '[]')) stray(name) on conflict do nothing;
  update verne.sessions s set name = opened ->> 'name', url = opened ->> 'url', jules_state = opened ->> 'state',
    phase = case when s.ended_at is null then 'planning' else s.phase end,
    admitted_at = coalesce(s.admitted_at, verne.now()), -- one that landed later than anybody looked for it counts, too
    attempted_at = null, opened_at = verne.now(), moved_at = verne.now(), revision = s.revision + 1
  where s.task_id = record_opened.task_id::uuid and s.name is null
  returning * into session;
  if session.task_id is null then
    insert into verne.strays (name, task_id)
    select opened ->> 'name', s.task_id from verne.sessions s
    where s.task_id = record_opened.task_id::uuid and s.name <> opened ->> 'name' on conflict do nothing;
    return jsonb_build_object('kind', 'had_one');
  end if;
  update public.tasks t set last_error = null where t.id = session.task_id and t.status = 'in_progress' and t.last_error is not null;
  perform verne.publish_event('session.opened', 'task:' || session.task_id, jsonb_build_object('name', session.name),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  perform verne.publish_event('account.watched', 'account:' || session.account_id, '{}', jsonb_build_object('source', 'tasks'));
  return jsonb_build_object('kind', 'opened');
end $$;
revoke all on function public.record_opened from public, anon, authenticated;
grant execute on function public.record_opened to service_role, verne_worker;
