-- A queued session's place (1 = next), about how long it still waits, and for what: a running session to end (at_once), one
-- of the day's places to come back 24 hours after it was taken (per_day), a pause to end, or a refused key to work again
-- (key). Without a time where a limit is 0. Null where it is not queued.
create or replace function verne.queue_facts(session verne.sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  now timestamptz := verne.now(); -- one moment for all: it goes on while this runs
  place int;
  used record;
  running timestamptz[];
  taken timestamptz[];
  turn_at timestamptz;
  day_at timestamptz;
begin
  if session.phase is distinct from 'queued' or session.admitted_at is not null or session.ended_at is not null then
    return null;
  end if;
  select q.place into place from verne.queue_order(session.account_id) q where q.task_id = session.task_id;
  if place is null then
    return jsonb_build_object('because', case when verne.is_paused(session.tenant) then 'paused' else 'key' end);
  end if;
  select * into used from verne.account_use(session.account_id);
  running := array(select since + used.usual from unnest(verne.running_since(session.account_id)) since order by since);
  taken := verne.taken_places(session.account_id);
  turn_at := verne.place_comes(place, used.at_once, running, used.usual, now);
  day_at := verne.place_comes(place, used.per_day, taken, interval '24 hours', now);
  return jsonb_build_object('place', place,
    'because', case when turn_at is null or day_at <= turn_at then 'at_once' else 'per_day' end,
    'wait_s', case when turn_at is not null and day_at is not null
      then ceil(extract(epoch from greatest(turn_at, day_at) - now))::bigint end);
end $$;
