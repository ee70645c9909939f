-- Names the end, or the silence, at which a session's pull request may be asked for: once each. Null where there is nothing
-- to ask for.
create or replace function verne.pull_request_wanting(task public.tasks, session verne.sessions) returns text
language plpgsql stable set search_path = '' as $$
begin
  return case
    when task.pr_url is not null or session.name is null or session.archived_at is not null or session.deleted_at is not null then null
    when task.status = 'completed' and session.phase in ('done_patch', 'done_nothing')
      then left(md5(extract(epoch from session.ended_at)::text), 8)
    when task.status = 'in_progress' and (session.progress ->> 'said_done')::boolean then verne.open_silence(session)
  end;
end $$;
