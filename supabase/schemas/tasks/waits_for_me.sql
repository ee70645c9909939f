-- What of a task waits for this very person, and since when; null where nothing does. `approves`: they may confirm it now.
create or replace function verne.waits_for_me(me text, approves boolean, task public.tasks, session verne.sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  waits jsonb := verne.waits_for(task, session);
  is_mine boolean := task.discord_user_id = me;
  untold verne.instructions;
begin
  if waits ->> 'whom' = 'approvers' then
    return case when approves and (not is_mine or task.self_approval) and (waits ->> 'what' <> 'decision'
      or verne.waits_until(task) > verne.now() and not exists (
        select from verne.approvals a where a.task_id = task.id and a.approver = me)) is true then waits end;
  elsif not is_mine or task.status <> 'in_progress' then
    return null;
  elsif waits is not null then
    return waits;
  elsif session.phase in ('paused', 'unsure') then
    return jsonb_build_object('what', session.phase, 'since', session.phase_since);
  end if;
  -- Words that Jules could not be told wait until something else is said.
  select * into untold from verne.instructions i where i.task_id = task.id order by i.created_at desc limit 1;
  return case when untold.state = 'refused' then jsonb_build_object('what', 'untold', 'since', untold.created_at) end;
end $$;
