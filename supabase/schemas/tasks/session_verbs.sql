-- What may be asked of a task's session now, beside the verbs of the task itself.
create or replace function verne.session_verbs(task public.tasks, session verne.sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(given.verb), '[]') from (values
      ('edit', task.status = 'pending_confirmation'),
      ('approve_plan', session.phase = 'plan_review' and task.status = 'in_progress' and verne.newest_plan(task.id) is not null),
      ('ask_changes', session.phase = 'plan_review' and task.status = 'in_progress' and verne.newest_plan(task.id) is not null),
      ('answer', task.status = 'in_progress' and verne.open_question(session) is not null),
      ('reply', task.status = 'in_progress' and session.name is not null and session.phase in ('working', 'paused', 'unknown', 'finishing')),
      ('nudge', task.status = 'in_progress' and verne.open_silence(session) is not null
        and not verne.was_told(task.id, 'nudge', verne.open_silence(session))),
      ('publish', task.pr_url is null and verne.pull_request_wanting(task, session) is not null
        and not verne.was_told(task.id, 'publish', verne.pull_request_wanting(task, session))),
      ('get_patch', task.pr_url is null and exists (select from verne.patches p where p.task_id = task.id)
        and (task.status <> 'in_progress' or session.phase in ('paused', 'unknown') or verne.open_silence(session) is not null)),
      ('follow_up', task.status = 'completed'),
      ('retry', task.status in ('failed', 'cancelled', 'expired', 'rejected') or task.status = 'completed' and task.pr_url is null),
      ('plan_again', task.status = 'in_progress' and session.phase = 'plan_expired')) given(verb, holds)
    where given.holds is true);
end $$;
