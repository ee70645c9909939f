-- What was let in and has not begun gives its place back while its server rests (it is paused, or the bot was removed), and
-- queues again: nobody else waits for a place that nobody uses.
create or replace function verne.rest_sessions(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare rested record;
begin
  for rested in
    update verne.sessions s set phase = 'queued', admitted_at = null, revision = s.revision + 1
    where s.account_id = rest_sessions.account_id and s.phase = 'opening' and s.admitted_at is not null and s.ended_at is null
      and s.name is null and s.attempted_at is null and verne.is_paused(s.tenant)
    returning s.task_id, s.tenant
  loop
    continue when verne.has_left(rested.tenant); -- nothing is shown there
    perform verne.publish_event('session.delayed', 'task:' || rested.task_id, '{}', jsonb_build_object('tenant', rested.tenant, 'source', 'tasks'));
  end loop;
end $$;
