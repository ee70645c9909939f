-- Everything that happened to a task, in order: what its history keeps, each approval where several are needed, and what
-- people told Jules, with whether it was told.
create or replace function verne.history_entries(task public.tasks) returns table (nth bigint, at timestamptz, what text, by text, facts jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    select row_number() over (order by e.at, e.rank, e.tie), e.at, e.what, e.by, e.facts from (
      select h.at, h.noun || '.' || h.state as what, h.by, '{}'::jsonb as facts, 1 as rank, h.seq::text as tie
      from verne.history h where h.task_id = task.id
        -- The task's own end says it better.
        and not (h.noun = 'session' and h.state in ('stopped', 'done_pr', 'done_patch', 'done_nothing', 'failed'))
      union all
      select a.at, 'task.approved', a.approver, '{}', 0, a.approver from verne.approvals a
      where a.task_id = task.id and task.approvals_needed > 1
      union all
      select i.created_at, 'instruction.' || i.kind, i.author, jsonb_build_object('text', left(i.text, 300)), 0, i.id::text
      from verne.instructions i where i.task_id = task.id
      union all
      select i.delivered_at, 'instruction.delivered', null, jsonb_build_object('kind', i.kind), 0, i.id::text
      from verne.instructions i where i.task_id = task.id and i.delivered_at is not null) e;
end $$;
