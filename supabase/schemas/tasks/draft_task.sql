-- What a dialog about a task begins with: its words and where they were to be done. `verb`: edit, retry or follow_up; `about`
-- names words that Jules was not told. Or why it would be refused now. It makes, changes and audits nothing.
create or replace function public.draft_task(actor jsonb, task_id text, verb text, about text default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  session verne.sessions;
  place jsonb;
  ask jsonb;
  steer jsonb;
begin
  -- Of another server's task, or one that they may not see, nothing is known here.
  select * into task from public.tasks t where t.id = draft_task.task_id::uuid and t.guild_id = (verne.standing_of(actor) ->> 'guild')::uuid
    and verne.sees_task(actor, t);
  select * into session from verne.sessions s where s.task_id = task.id;
  place := jsonb_build_object('repo', task.repo, 'branch', task.branch);
  ask := verne.would_refuse(actor, case verb when 'edit' then 'task.edit' else 'task.create' end, place || '{"verb": "confirm"}');
  steer := case when verb = 'follow_up' and verne.goes_on(session)
    then verne.would_refuse(actor, case when task.discord_user_id = actor ->> 'id' then 'task.steer_own' else 'task.steer' end, place) else ask end;
  return case
    when ask is not null and steer is not null then steer
    when task.id is null then jsonb_build_object('kind', 'unknown_task')
    when verb = 'edit' and task.discord_user_id <> actor ->> 'id' then jsonb_build_object('kind', 'not_requester', 'by', task.discord_user_id)
    when (verne.session_verbs(task, session) ? verb) is not true then jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id))
    when verb = 'edit' and verne.waits_until(task) <= verne.now()
      then jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id) || '{"status": "expired", "verbs": []}')
    else jsonb_build_object('kind', 'draft', 'number', task.number, 'repo', task.repo, 'branch', task.branch, 'edits', task.edits,
      'prompt', task.prompt, 'pr_url', task.pr_url, 'plan_review', case when task.plan_from = 'option' then task.plan_review end,
      'goes_on', verb = 'follow_up' and steer is null and verne.goes_on(session), 'may_ask', ask is null,
      'text', (select i.text from verne.instructions i where i.task_id = task.id and left(i.id::text, 8) = draft_task.about)) end;
end $$;
revoke all on function public.draft_task from public, anon, authenticated;
grant execute on function public.draft_task to service_role, verne_worker;
