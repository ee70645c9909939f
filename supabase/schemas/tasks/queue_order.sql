-- Who starts next in an account, place by place: servers take turns, those with the fewest running first, then who was not
-- served for the longest; within a server its people do, and then the older request. What belongs to a paused server or to
-- a key that Jules refuses keeps waiting without a place.
create or replace function verne.queue_order(account_id uuid) returns table (task_id uuid, tenant text, place int)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare since timestamptz := verne.now() - interval '24 hours';
begin
  return query
  with served as (
    select c.task_id, max(c.at) as at from verne.creations c
    where c.account_id = queue_order.account_id and c.at > since group by c.task_id),
  mine as materialized (
    select s.task_id, s.tenant, s.key_id, t.discord_user_id as person, s.queued_at, v.at as served_at,
      s.admitted_at is null and s.ended_at is null as waits, s.holds_place and (s.ended_at is null or s.ended_at > since) as runs
    from verne.sessions s join public.tasks t on t.id = s.task_id left join served v on v.task_id = s.task_id
    where s.account_id = queue_order.account_id and (s.ended_at is null or s.ended_at > since or v.at is not null)),
  counted as (
    select m.*, count(*) filter (where m.runs) over ours as server_runs, max(m.served_at) over ours as server_at,
      count(*) filter (where m.runs) over theirs as person_runs, max(m.served_at) over theirs as person_at
    from mine m
    window ours as (partition by m.tenant), theirs as (partition by m.tenant, m.person)),
  resting as materialized ( -- asked once each, not once a task
    select x.tenant from (select distinct m.tenant from mine m offset 0) x where verne.is_paused(x.tenant)),
  refused as materialized (
    select x.key_id from (select distinct m.key_id from mine m where m.waits offset 0) x where verne.key_refused(x.key_id)),
  turns as (
    select c.*, c.person_runs + row_number() over (partition by c.tenant, c.person order by c.queued_at, c.task_id) as turn
    from counted c where c.waits
      and c.tenant not in (select r.tenant from resting r) and c.key_id not in (select r.key_id from refused r)),
  rounds as (
    select w.*, w.server_runs + row_number() over (partition by w.tenant
      order by w.turn, w.person_at nulls first, w.queued_at, w.task_id) as round
    from turns w)
  select r.task_id, r.tenant, (row_number() over (order by r.round, r.server_at nulls first, r.queued_at, r.task_id))::int
  from rounds r;
end $$;
