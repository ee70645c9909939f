-- Why a task's session takes no instruction of this kind now; null where it does. What was asked or planned meanwhile, and
-- who answered it first, is told instead of being passed on.
create or replace function verne.instruction_refused(task public.tasks, wish jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  session verne.sessions;
  earlier verne.instructions;
  open text; -- what a wish of this kind may be about now
begin
  select * into session from verne.sessions s where s.task_id = task.id;
  select * into earlier from verne.instructions i
  where i.task_id = task.id and i.about = wish ->> 'about' and i.kind = wish ->> 'kind' and i.state <> 'refused'
    -- A plan that came back the same waits for an answer anew.
    and not exists (select from verne.plans p where p.task_id = task.id and i.kind = 'changes' and left(p.hash, 12) = i.about and p.created_at > i.created_at);
  open := case wish ->> 'kind' when 'answer' then verne.open_question(session) when 'nudge' then verne.open_silence(session)
    when 'publish' then verne.pull_request_wanting(task, session) end;
  return case
    when task.status = 'pending_confirmation' then jsonb_build_object('kind', 'not_started')
    when task.status not in ('in_progress', 'completed') or session.archived_at is not null or session.deleted_at is not null then jsonb_build_object('kind', 'too_late')
    when wish ->> 'kind' = 'answer' and (wish ->> 'about' = open) is not true then jsonb_build_object('kind', 'stale_question')
    when wish ->> 'kind' in ('nudge', 'publish') and (wish ->> 'about' = open) is not true then jsonb_build_object('kind', 'moved_on')
    when wish ->> 'kind' = 'changes' and (session.phase in ('plan_review', 'approving') and wish ->> 'about' = left(verne.newest_plan(task.id), 12)) is not true
      then jsonb_build_object('kind', 'stale_plan')
    when wish ->> 'kind' = 'changes' and session.approved_hash = verne.newest_plan(task.id) then jsonb_build_object('kind', 'plan_approved', 'by', session.approved_by)
    when earlier.id is not null then jsonb_build_object('kind', 'answered', 'by', earlier.author)
    when (select count(*) from verne.instructions i where i.task_id = task.id and i.state = 'waiting') >= 20 then jsonb_build_object('kind', 'too_many')
  end;
end $$;
