-- A session's end (or its coming back) moves the task; a late pull request of finished work is kept as well.
-- The end is told where the task was asked, once per outcome.
create or replace function verne.end_task(task public.tasks, session verne.sessions, ending jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  move verne.transitions;
  topic text := 'task.updated';
begin
  select * into move from verne.transitions m
  where m.noun = 'task' and m.from_state = task.status and m.verb = ending ->> 'verb' and m.operation is null;
  if move.verb is not null then
    topic := move.topic;
    update public.tasks t set status = move.to_state, pr_url = coalesce(ending ->> 'pr_url', t.pr_url),
      pr_source = coalesce(ending ->> 'pr_source', t.pr_source),
      last_error = ending ->> 'error' where t.id = task.id;
  elsif task.status = 'completed' and ending ->> 'pr_url' is not null then
    update public.tasks t set pr_url = ending ->> 'pr_url', pr_source = ending ->> 'pr_source' where t.id = task.id;
  else
    return;
  end if;
  perform verne.publish_event(topic, 'task:' || task.id, jsonb_build_object('pr_url', ending -> 'pr_url'),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks', 'correlation', task.correlation_id,
      'level', case when topic = 'task.failed' then 2 else 3 end));
  if ending ->> 'verb' <> 'resume' then
    perform verne.add_message('task:' || task.id, 'note', 'outcome', jsonb_build_object('place', 'channel', 'id', task.channel_id),
      jsonb_build_object('phase', session.phase, 'pr_url', ending -> 'pr_url', 'error', ending -> 'error', 'guild_id', session.tenant),
      'task:' || task.id || ':outcome:' || coalesce(ending ->> 'pr_url', session.phase || ':' || session.recreated)
        || case when session.resumes > 0 then ':again:' || session.resumes else '' end);
  end if;
  if ending ->> 'verb' <> 'resume' and session.name is not null then
    perform verne.close_thread(task, ending || jsonb_build_object('phase', session.phase));
  end if;
  perform verne.admit_tasks(session.account_id);
end $$;
