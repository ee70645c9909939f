-- A queued session's place, 1 = next; null where it is not queued.
create or replace function verne.queue_place(session verne.sessions) returns int
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select case when session.phase = 'queued' and session.admitted_at is null and session.ended_at is null then
      (select count(*)::int from verne.sessions s where s.account_id = session.account_id and s.phase = 'queued'
        and s.admitted_at is null and s.ended_at is null and s.queued_at <= session.queued_at) end);
end $$;
