-- How long a task stood still because of people until now, in seconds: for its decision, a plan, an answer, a look.
create or replace function verne.waited_for_people(task public.tasks) returns numeric
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(sum(extract(epoch from coalesce(h.until, verne.now()) - h.at)), 0) from (
      select h.noun, h.state, h.at, lead(h.at) over (order by h.at, h.seq) as until from verne.history h
      where h.task_id = task.id and h.noun <> 'plan' and h.state <> 'pull_request') h
    where h.noun = 'session' and h.state in ('plan_review', 'plan_expired', 'needs_input', 'paused', 'unsure')
      or h.state = 'asked' and task.expires_at is not null);
end $$;
