-- Who starts next in an account, place by place: servers take turns, those with the fewest running first, and within a
-- server its people do; then the older request. Servers that are paused keep their tasks, without a place.
create or replace function verne.queue_order(account_id uuid) returns table (task_id uuid, tenant text, place int)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  with mine as (
    select s.task_id, s.tenant, t.discord_user_id as person, s.queued_at, s.admitted_at is not null as runs
    from verne.sessions s join public.tasks t on t.id = s.task_id
    where s.account_id = queue_order.account_id and s.ended_at is null),
  turns as (
    select m.*, count(*) filter (where m.runs) over (partition by m.tenant, m.person)
      + row_number() over (partition by m.tenant, m.person, m.runs order by m.queued_at, m.task_id) as turn
    from mine m),
  rounds as (
    select w.*, count(*) filter (where w.runs) over (partition by w.tenant)
      + row_number() over (partition by w.tenant, w.runs order by w.turn, w.queued_at, w.task_id) as round
    from turns w)
  select r.task_id, r.tenant, (row_number() over (order by r.round, r.queued_at, r.task_id))::int
  from rounds r where not r.runs and not verne.is_paused(r.tenant);
end $$;
