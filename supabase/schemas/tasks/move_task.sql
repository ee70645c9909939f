-- A person's decision takes effect: the row, the fact, and what follows from it.
create or replace function verne.move_task(actor jsonb, task public.tasks, move verne.transitions, reason text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare decides boolean := move.verb in ('confirm', 'reject');
begin
  update public.tasks t set status = move.to_state,
    decided_by = case when decides then actor ->> 'id' else t.decided_by end,
    decided_at = case when decides then verne.now() else t.decided_at end,
    ended_by = case when move.verb = 'cancel' then actor ->> 'id' end,
    reason = coalesce(move_task.reason, t.reason)
  where t.id = task.id returning * into task;
  perform verne.publish_event(move.topic, 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', actor ->> 'guild', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.after_decision(task, move.verb, actor ->> 'guild');
end $$;
