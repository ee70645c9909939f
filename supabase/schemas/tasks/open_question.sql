-- The question that Jules waits for an answer to, as short as a button can name it; null where it waits for none.
create or replace function verne.open_question(session verne.sessions) returns text
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select left(md5(a.name), 8) from verne.activities a
    where session.phase = 'needs_input' and session.ended_at is null and a.task_id = session.task_id and a.kind = 'agentMessaged'
    order by a.created_at desc, a.name desc limit 1);
end $$;
