-- What was let in with a key that Jules refuses, and never asked for, queues again and gives its place back. Where a key is
-- gone, what may have begun with it can be neither found nor repeated: a person decides.
create or replace function verne.wait_for_key(account_id uuid, key_id uuid, why text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare left_open record;
begin
  perform from public.tasks t where t.id in (select s.task_id from verne.sessions s -- the task before its session, as everywhere
    where s.account_id = wait_for_key.account_id and s.key_id = wait_for_key.key_id and s.ended_at is null and s.name is null) order by t.id for no key update;
  if verne.key_refused(wait_for_key.key_id) then
    update verne.sessions s set phase = 'queued', admitted_at = null, revision = s.revision + 1
    where s.account_id = wait_for_key.account_id and s.key_id = wait_for_key.key_id and s.ended_at is null
      and s.admitted_at is not null and s.name is null and s.attempted_at is null and s.attempts = 0;
    perform verne.admit_tasks(wait_for_key.account_id);
  elsif not verne.key_opens(wait_for_key.key_id) then
    for left_open in
      update verne.sessions s set phase = 'unsure', revision = s.revision + 1
      from public.tasks t where t.id = s.task_id and s.account_id = wait_for_key.account_id and s.key_id = wait_for_key.key_id
        and s.ended_at is null and s.name is null and s.attempted_at is not null and s.phase <> 'unsure'
      returning s.task_id, s.tenant, t.channel_id
    loop
      perform verne.add_message('task:' || left_open.task_id, 'note', 'outcome', jsonb_build_object('place', 'channel', 'id', left_open.channel_id),
        jsonb_build_object('phase', 'unsure', 'because', 'key', 'error', wait_for_key.why, 'guild_id', left_open.tenant), 'task:' || left_open.task_id || ':unsure');
    end loop;
  end if;
end $$;
