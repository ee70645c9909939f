set check_function_bodies = off;

-- Jules takes the keys of an account: what it said against them is over. A broken seal is not: such a key is entered anew.
create or replace function verne.note_key_works(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.keys k set problem = null, problem_at = null where k.account_id = note_key_works.account_id and k.problem is not null
    and k.broken_at is null;
end $$;

-- A stored key does not open although its master key is there: somebody changed or moved its seal. Told and audited once.
create or replace function public.report_broken_key(key_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare broken verne.keys;
begin
  update verne.keys k set broken_at = verne.now(), problem = 'Its seal is broken; it must be entered anew.', problem_at = verne.now()
  where k.id = report_broken_key.key_id::uuid and k.revoked_at is null and k.broken_at is null returning * into broken;
  if broken.id is not null then
    perform verne.tell_lost_key(broken, 'broken');
    perform verne.append_audit(jsonb_build_object('id', 'verne', 'door', 'worker', 'command', 'open key', 'guild', broken.guild_id,
        'correlation', gen_random_uuid()), 'keys.open', 'broken_seal',
      jsonb_strip_nulls(jsonb_build_object('last4', broken.last4, 'person', broken.owner_id)));
  end if;
  return jsonb_build_object('kind', 'reported');
end $$;
revoke all on function public.report_broken_key from public, anon, authenticated;
grant execute on function public.report_broken_key to service_role, verne_worker;

-- What an account allows, what of it is used now and in the last 24 hours, and how long its last sessions took.
create or replace function verne.account_use(account_id uuid)
returns table (per_day int, at_once int, running int, today int, usual interval)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare limits jsonb := verne.account_limits(account_use.account_id);
begin
  return query select (limits ->> 'per_day')::int, (limits ->> 'at_once')::int,
    cardinality(verne.running_since(account_use.account_id)), cardinality(verne.taken_places(account_use.account_id)),
    (select coalesce(percentile_cont(0.5) within group (order by l.took), interval '10 minutes') from (
      select s.ended_at - s.admitted_at as took from verne.sessions s
      where s.account_id = account_use.account_id and s.ended_at is not null and s.admitted_at is not null
      order by s.ended_at desc limit 20) l);
end $$;

-- Starts as many queued sessions as the account's last 24 hours and running limit allow, in the order of their places. Where
-- the day has no place left for those that still wait, who can mend their keys is told.
create or replace function verne.admit_tasks(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  used record;
  next record;
  started int := 0;
begin
  perform verne.lock_account(admit_tasks.account_id);
  perform verne.rest_sessions(admit_tasks.account_id);
  delete from verne.creations c where c.account_id = admit_tasks.account_id and c.at < verne.now() - interval '2 days';
  if not exists (select from verne.sessions s
    where s.account_id = admit_tasks.account_id and s.phase = 'queued' and s.admitted_at is null and s.ended_at is null) then
    return;
  end if;
  select u.per_day - u.today as today, least(u.at_once - u.running, u.per_day - u.today) as now into used
  from verne.account_use(admit_tasks.account_id) u;
  for next in
    select q.task_id, q.tenant, t.correlation_id from verne.queue_order(admit_tasks.account_id) q join public.tasks t on t.id = q.task_id
    where q.place <= used.now order by q.place
  loop
    update verne.sessions s set admitted_at = verne.now(), phase = 'opening', revision = s.revision + 1 where s.task_id = next.task_id;
    perform verne.publish_event('task.admitted', 'task:' || next.task_id, '{}',
      jsonb_build_object('tenant', next.tenant, 'source', 'tasks', 'correlation', next.correlation_id));
    started := started + 1;
  end loop;
  if started >= used.today then
    perform verne.tell_key_exhausted(w.key_id) from (
      select distinct s.key_id from verne.sessions s
      where s.account_id = admit_tasks.account_id and s.phase = 'queued' and s.admitted_at is null and s.ended_at is null
        and not verne.is_paused(s.tenant)) w
    where not verne.key_refused(w.key_id);
  end if;
end $$;

-- Fills the places that time has freed in an account, and says what its sweep must watch for: sessions that live, wait
-- or ended lately, since when, openings that may still land, strays to archive, and a key that still opens.
create or replace function public.check_account(account_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.admit_tasks(check_account.account_id::uuid);
  return (
    with watched as (
      select s.*, s.ended_at is null as lives from verne.sessions s
      where s.account_id = check_account.account_id::uuid and (s.ended_at is null or s.ended_at > verne.now() - interval '1 day'))
    select jsonb_build_object(
      'key_id', (select w.key_id from watched w where verne.key_opens(w.key_id) order by verne.key_refused(w.key_id), w.queued_at desc limit 1),
      'live', count(*) filter (where w.lives and w.name is not null),
      'waiting', count(*) filter (where w.lives and w.name is null),
      'recent', count(*) filter (where not w.lives and (w.ended_at > verne.now() - interval '6 hours' and w.name is not null
        or w.name is null and w.attempts > 0)),
      'oldest_at', min(coalesce(w.opened_at, w.admitted_at)),
      'strays', (select coalesce(jsonb_agg(x.name), '[]') from verne.strays x join verne.sessions xs on xs.task_id = x.task_id
        where xs.account_id = check_account.account_id::uuid and x.archived_at is null))
    from watched w);
end $$;
revoke all on function public.check_account from public, anon, authenticated;
grant execute on function public.check_account to service_role, verne_worker;

-- Takes an intent back: the POST certainly made nothing (not counted), or was looked for in vain through its whole window.
create or replace function public.clear_attempt(task_id text, revision int, counted boolean, why text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = clear_attempt.task_id::uuid;
  perform from public.tasks t where t.id = clear_attempt.task_id::uuid for update; -- the task before its session, as everywhere
  update verne.sessions s set attempted_at = null, attempts = case when counted then s.attempts else s.attempts - 1 end,
    phase = case when s.ended_at is not null then 'stopped' when counted and s.attempts >= 3 then 'unsure' else s.phase end,
    revision = s.revision + 1
  where s.task_id = clear_attempt.task_id::uuid and s.revision = clear_attempt.revision and s.name is null
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  update public.tasks t set last_error = why || case when counted and t.last_error is not null then ' ' || t.last_error else '' end where t.id = session.task_id and t.status = 'in_progress';
  if session.phase = 'unsure' then -- three times without an answer: a person must decide
    perform verne.add_message('task:' || session.task_id, 'note', 'outcome',
      (select jsonb_build_object('place', 'channel', 'id', t.channel_id) from public.tasks t where t.id = session.task_id),
      jsonb_build_object('phase', 'unsure', 'error', why, 'guild_id', session.tenant), 'task:' || session.task_id || ':unsure');
  end if;
  perform verne.publish_event('session.delayed', 'task:' || session.task_id, '{}',
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  if session.phase in ('stopped', 'unsure') then
    perform verne.admit_tasks(session.account_id);
  end if;
  return jsonb_build_object('kind', 'cleared', 'phase', session.phase, 'revision', session.revision);
end $$;
revoke all on function public.clear_attempt from public, anon, authenticated;
grant execute on function public.clear_attempt to service_role, verne_worker;

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

-- The one write of following a session: what Jules said, what it means for the task, what people are to be told.
-- `change`: phase, jules_state, url, progress, activities_until, moved, approved, finishing, archived, plan, activities,
-- notes, last_error, end {verb, pr_url, error}. 'stale' where somebody else has written meanwhile.
create or replace function public.record_session(task_id text, revision int, change jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  session verne.sessions;
  task public.tasks;
begin
  if change ?| '{end,archived}' then
    perform verne.lock_account(t.account_id) from public.tasks t where t.id = record_session.task_id::uuid;
  end if;
  select * into task from public.tasks t where t.id = record_session.task_id::uuid for update;
  update verne.sessions s set
    phase = coalesce(change ->> 'phase', s.phase), jules_state = coalesce(change ->> 'jules_state', s.jules_state),
    url = coalesce(change ->> 'url', s.url), progress = coalesce(change -> 'progress', s.progress),
    activities_until = coalesce((change ->> 'activities_until')::timestamptz, s.activities_until),
    moved_at = case when (change ->> 'moved')::boolean then verne.now() else s.moved_at end,
    approved_at = case when (change ->> 'approved')::boolean then coalesce(s.approved_at, verne.now()) else s.approved_at end,
    archived_at = case when (change ->> 'archived')::boolean then verne.now() else s.archived_at end,
    finishing_since = case when (change ->> 'finishing')::boolean then coalesce(s.finishing_since, verne.now()) end,
    resumes = s.resumes + case when change -> 'end' ->> 'verb' = 'resume' then 1 else 0 end,
    ended_at = case when change -> 'end' ->> 'verb' = 'resume' then null
      when change -> 'end' is not null then verne.now() else s.ended_at end,
    revision = s.revision + 1
  where s.task_id = task.id and s.revision = record_session.revision
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  perform verne.store_activities(task.id, change);
  if (change ->> 'archived')::boolean then
    perform verne.admit_tasks(session.account_id); -- a cancelled one is stopped only now
  end if;
  if change ? 'end' then
    perform verne.end_task(task, session, change -> 'end');
  else
    update public.tasks t set last_error = change ->> 'last_error'
    where t.id = task.id and t.status = 'in_progress' and change ? 'last_error' and t.last_error is distinct from change ->> 'last_error';
    perform verne.publish_event('session.progressed', 'task:' || task.id, jsonb_build_object('phase', session.phase),
      jsonb_build_object('tenant', session.tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  return jsonb_build_object('kind', 'recorded', 'revision', session.revision, 'paused', verne.is_paused(session.tenant));
end $$;
revoke all on function public.record_session from public, anon, authenticated;
grant execute on function public.record_session to service_role, verne_worker;

-- A session that provably never ran (its plan expired before Verne approved it) is opened anew under a new marker, when its
-- account has a place for it: it queues as old as it is. The old one becomes a stray: archived, never approved.
create or replace function public.renew_session(task_id text, revision int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = renew_session.task_id::uuid;
  select * into session from verne.sessions s
  where s.task_id = renew_session.task_id::uuid and s.revision = renew_session.revision and s.approved_at is null and s.ended_at is null
  for update;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  insert into verne.strays (name, task_id) select session.name, session.task_id where session.name is not null on conflict do nothing;
  update verne.sessions s set phase = 'queued', admitted_at = null, name = null, url = null, jules_state = null, seen_state = null,
    seen_updated_at = null, marker = verne.new_marker(), attempts = 0, attempted_at = null,
    recreated = s.recreated + 1, progress = '{}', activities_until = null, opened_at = null, moved_at = verne.now(),
    finishing_since = null, revision = s.revision + 1
  where s.task_id = session.task_id;
  delete from verne.plans p where p.task_id = session.task_id;
  perform verne.publish_event('session.delayed', 'task:' || session.task_id, jsonb_build_object('recreated', session.recreated + 1),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  perform verne.admit_tasks(session.account_id);
  -- Its sweep archives the stray, and admits what must wait now.
  perform verne.publish_event('account.watched', 'account:' || session.account_id, '{}', jsonb_build_object('source', 'tasks'));
  return jsonb_build_object('kind', 'renewed');
end $$;
revoke all on function public.renew_session from public, anon, authenticated;
grant execute on function public.renew_session to service_role, verne_worker;

-- What was let in and has not begun gives its place back while its server rests (it is paused, or the bot was removed), and
-- queues again: nobody else waits for a place that nobody uses.
create or replace function verne.rest_sessions(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare rested record;
begin
  for rested in
    update verne.sessions s set phase = 'queued', admitted_at = null, revision = s.revision + 1
    where s.account_id = rest_sessions.account_id and s.phase = 'opening' and s.admitted_at is not null and s.ended_at is null
      and s.name is null and s.attempted_at is null and verne.is_paused(s.tenant)
    returning s.task_id, s.tenant
  loop
    continue when verne.has_left(rested.tenant); -- nothing is shown there
    perform verne.publish_event('session.delayed', 'task:' || rested.task_id, '{}', jsonb_build_object('tenant', rested.tenant, 'source', 'tasks'));
  end loop;
end $$;

-- Since when the places of an account are held that one session at once takes each: until it ended, and a cancelled one until
-- it is known to be stopped at Jules, or for a day if that never is.
create or replace function verne.running_since(account_id uuid) returns timestamptz[]
language sql stable set search_path = '' as $$
  select array(select s.admitted_at from verne.sessions s
    where s.account_id = running_since.account_id and s.holds_place and (s.ended_at is null or s.ended_at > verne.now() - interval '1 day')
    order by s.admitted_at)
$$;

-- When the places that an account's last 24 hours have taken come back, the first one first.
create or replace function verne.taken_places(account_id uuid) returns timestamptz[]
language sql stable set search_path = '' as $$
  select array(select c.at + interval '24 hours' from verne.creations c
    where c.account_id = taken_places.account_id and c.at > verne.now() - interval '24 hours' order by c.at)
$$;

-- A task as cards and doors show it: its state, its session, its plan, and the verbs that it may be asked to do.
create or replace function verne.task_view(task_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object(
      'id', t.id, 'number', t.number, 'status', t.status, 'revision', t.revision,
      'prompt', t.prompt, 'repo', t.repo, 'branch', t.branch, 'repo_from', t.repo_from,
      'requester', t.discord_user_id, 'channel_id', t.channel_id, 'created_at', t.created_at,
      'key', jsonb_build_object('owner', t.key_owner, 'last4', t.key_last4),
      'decided_by', t.decided_by, 'decided_at', t.decided_at, 'ended_by', t.ended_by, 'reason', t.reason,
      'pr_url', t.pr_url, 'pr_source', t.pr_source, 'last_error', t.last_error,
      'session', case when s.task_id is not null then jsonb_build_object(
        'phase', s.phase, 'name', s.name, 'url', s.url, 'jules_state', s.jules_state, 'progress', s.progress,
        'queue', verne.queue_facts(s), 'moved_at', s.moved_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
        'ended_at', s.ended_at, 'recreated', s.recreated,
        -- What is about to begin stands still in a pause; what was asked of Jules by then goes on.
        'paused', case when s.phase in ('queued', 'opening', 'approving') and s.attempted_at is null and s.ended_at is null then
          case when verne.is_paused('') then 'everywhere' when verne.is_paused(s.tenant) then 'here' end end,
        -- Where its intent still stands, nobody could look for what came of it: the key is gone.
        'unsure_because', case when s.phase = 'unsure' then case when s.attempted_at is null then 'attempts' else 'key' end end) end,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      'policy', jsonb_build_object('approvals', t.approvals_needed, 'self_approval', t.self_approval, 'expires_at', verne.waits_until(t)),
      'stands_still', t.status = 'pending_confirmation' and verne.stands_still(verne.tenant_of(t.guild_id)),
      'approvals', (select coalesce(jsonb_agg(jsonb_build_object('by', a.approver, 'at', a.at) order by a.at, a.approver), '[]')
        from verne.approvals a where a.task_id = t.id),
      'quota', (select jsonb_build_object('today', u.today, 'per_day', u.per_day, 'running', u.running, 'at_once', u.at_once)
        from verne.account_use(t.account_id) u where t.status = 'in_progress' and s.ended_at is null),
      'verbs', (select coalesce(jsonb_agg(m.verb order by m.verb), '[]') from verne.transitions m
        where m.noun = 'task' and m.from_state = t.status and m.operation is not null),
      'now', verne.now())
    from public.tasks t left join verne.sessions s on s.task_id = t.id
    where t.id = task_view.task_id);
end $$;

reset check_function_bodies;
