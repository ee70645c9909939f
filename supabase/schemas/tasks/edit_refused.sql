-- Why this actor does not edit the words of this task now, or null. The caller holds its row; one whose hours are over expires.
create or replace function verne.edit_refused(actor jsonb, task public.tasks, standing jsonb, edits int) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return case
    when task.id is null then jsonb_build_object('kind', 'unknown_task')
    when task.discord_user_id <> actor ->> 'id' then jsonb_build_object('kind', 'not_requester', 'by', task.discord_user_id)
    when verne.let_expire(task) or task.status <> 'pending_confirmation' then jsonb_build_object('kind', 'too_late')
    when coalesce(standing -> 'key', 'null'::jsonb) = 'null'::jsonb then jsonb_build_object('kind', 'no_key')
    when task.edits <> edit_refused.edits then jsonb_build_object('kind', 'edited_before') end;
end $$;
