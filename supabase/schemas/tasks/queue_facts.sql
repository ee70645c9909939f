-- A queued session's place (1 = next), about how long it still waits, and for what: a running session to end (at_once), one
-- of the day's places to come back 24 hours after it was taken (per_day), or a pause to end. Null where it is not queued.
create or replace function verne.queue_facts(session verne.sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  place int;
  used record;
  soonest interval;
  waits interval;
begin
  if session.phase is distinct from 'queued' or session.admitted_at is not null or session.ended_at is not null then
    return null;
  end if;
  select q.place into place from verne.queue_order(session.account_id) q where q.task_id = session.task_id;
  if place is null then
    return jsonb_build_object('because', 'paused');
  end if;
  select * into used from verne.account_use(session.account_id);
  waits := used.usual * ceil(greatest(place - greatest(used.at_once - used.running, 0), 0)::numeric / greatest(used.at_once, 1))::float8;
  if place > used.per_day - used.today then
    select s.admitted_at + interval '24 hours' - verne.now() into soonest from verne.sessions s
    where s.account_id = session.account_id and s.admitted_at > verne.now() - interval '24 hours'
    order by s.admitted_at offset greatest(place - 1 - greatest(used.per_day - used.today, 0), 0) limit 1;
  end if;
  return jsonb_build_object('place', place, 'because', case when soonest > waits then 'per_day' else 'at_once' end,
    'wait_s', ceil(extract(epoch from greatest(soonest, waits)))::bigint);
end $$;
