-- What of a task waits for people, and since when; null where nothing does. `whom`: 'approvers' or 'requester'.
create or replace function verne.waits_for(task public.tasks, session verne.sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return case
    when task.status = 'pending_confirmation' then jsonb_build_object('what', 'decision', 'whom', 'approvers', 'since', task.created_at)
    when task.status <> 'in_progress' or session.ended_at is not null then null
    when session.phase = 'plan_review' then jsonb_build_object('what', 'plan', 'whom', 'approvers', 'since', session.phase_since)
    when session.phase = 'plan_expired' then jsonb_build_object('what', 'plan_again', 'whom', 'requester', 'since', session.phase_since)
    -- An answer that is on its way is one.
    when session.phase = 'needs_input' and not exists (
      select from verne.instructions i where i.task_id = task.id and i.state = 'waiting')
      then jsonb_build_object('what', 'answer', 'whom', 'requester', 'since', session.phase_since)
    when session.silent_at is not null then jsonb_build_object('what', 'silence', 'whom', 'requester', 'since', session.silent_at,
      'phase', session.phase, 'said_done', session.progress -> 'said_done', 'last_sign', coalesce(session.moved_at, session.opened_at))
  end;
end $$;
