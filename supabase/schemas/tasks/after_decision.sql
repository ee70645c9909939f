-- What a decision brings about: a session in the queue, a word to the requester, a place given back.
create or replace function verne.after_decision(task public.tasks, verb text, tenant text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  if verb = 'confirm' then
    perform verne.queue_session(task, after_decision.tenant);
  elsif verb = 'reject' then
    perform verne.add_message('task:' || task.id, 'note', 'rejection', jsonb_build_object('place', 'dm', 'id', task.discord_user_id),
      jsonb_build_object('by', task.decided_by, 'reason', task.reason, 'guild_id', after_decision.tenant), 'task:' || task.id || ':rejection');
  elsif verb = 'cancel' then
    update verne.sessions s set ended_at = verne.now(), revision = s.revision + 1,
      phase = case when s.name is null and s.attempted_at is null then 'stopped' else s.phase end
    where s.task_id = task.id and s.ended_at is null;
    if exists (select from verne.sessions s where s.task_id = task.id and s.name is not null) then
      perform verne.close_thread(task, jsonb_build_object('phase', 'stopped', 'by', task.ended_by));
    end if;
    perform verne.admit_tasks(task.account_id);
    if task.ended_by <> task.discord_user_id then
      perform verne.add_message('task:' || task.id, 'note', 'cancellation', jsonb_build_object('place', 'channel', 'id', task.channel_id),
        jsonb_build_object('by', task.ended_by, 'guild_id', after_decision.tenant), 'task:' || task.id || ':cancellation');
    end if;
  end if;
end $$;
