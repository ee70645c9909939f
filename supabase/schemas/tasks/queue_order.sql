-- Who starts next in an account, place by place: servers take turns, those with the fewest running first, then who was not
-- served for the longest; within a server its people do, and then the older request. What belongs to a paused server or to
-- a key that Jules refuses keeps waiting without a place.
create or replace function verne.queue_order(account_id uuid) returns table (task_id uuid, tenant text, place int)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare since timestamptz := verne.now() - interval '24 hours';
begin
  return query
  with mine as materialized (
    select s.task_id, s.tenant, s.key_id, t.discord_user_id as person, s.queued_at, s.admitted_at is not null as runs
    from verne.sessions s join public.tasks t on t.id = s.task_id
    where s.account_id = queue_order.account_id and s.ended_at is null),
  served as materialized (
    select s.tenant, t.discord_user_id as person, max(s.admitted_at) as at
    from verne.sessions s join public.tasks t on t.id = s.task_id
    where s.account_id = queue_order.account_id and s.admitted_at > since group by s.tenant, t.discord_user_id),
  tenants as materialized ( -- asked once each, not once a task
    select x.tenant, verne.is_paused(x.tenant) as rests, (select count(*) from mine m where m.runs and m.tenant = x.tenant) as running,
      (select max(d.at) from served d where d.tenant = x.tenant) as served_at
    from (select distinct m.tenant from mine m) x),
  people as materialized (
    select x.tenant, x.person, (select count(*) from mine m where m.runs and m.tenant = x.tenant and m.person = x.person) as running,
      (select d.at from served d where d.tenant = x.tenant and d.person = x.person) as served_at
    from (select distinct m.tenant, m.person from mine m where not m.runs) x),
  keys as materialized (
    select x.key_id, verne.key_refused(x.key_id) as refused from (select distinct m.key_id from mine m where not m.runs) x),
  turns as (
    select m.*, p.served_at, p.running + row_number() over (partition by m.tenant, m.person order by m.queued_at, m.task_id) as turn
    from mine m join people p on p.tenant = m.tenant and p.person = m.person
    join tenants g on g.tenant = m.tenant and not g.rests join keys k on k.key_id = m.key_id and not k.refused
    where not m.runs),
  rounds as (
    select w.*, g.served_at as server_at, g.running + row_number() over (partition by w.tenant
      order by w.turn, w.served_at nulls first, w.queued_at, w.task_id) as round
    from turns w join tenants g on g.tenant = w.tenant)
  select r.task_id, r.tenant, (row_number() over (order by r.round, r.server_at nulls first, r.queued_at, r.task_id))::int
  from rounds r;
end $$;
