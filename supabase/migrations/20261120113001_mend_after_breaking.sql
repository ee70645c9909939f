set check_function_bodies = off;

-- Takes a handler's answer: done, wait (until), retry (delay_ms, counted or not) or dead. `seen` is the event it looked
-- at, `newest` the lane's newest one at the claim: what came after it is news. A worker that lost its lease changes
-- nothing and is told 'lost'.
create or replace function public.settle_delivery(id text, fence text, outcome text, seen text, facts jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  mine verne.deliveries;
  counted boolean := coalesce((facts ->> 'counted')::boolean, true);
  newest bigint := coalesce(facts ->> 'newest', seen)::bigint;
  error text := coalesce(facts ->> 'error', 'no reason given');
  finished boolean;
  due timestamptz;
begin
  -- A dead letter is a fact about the key as well; its lock comes before the row's, as where facts are published.
  if outcome in ('retry', 'dead') then
    perform pg_advisory_xact_lock(hashtextextended(d.key, 7)) from verne.deliveries d where d.id = settle_delivery.id::bigint;
  end if;
  select * into mine from verne.deliveries d
  where d.id = settle_delivery.id::bigint and d.fence = settle_delivery.fence::int and d.state = 'open' and d.worker is not null
  for update;
  if mine.id is null then
    return jsonb_build_object('state', 'lost');
  end if;
  if outcome = 'dead' or outcome = 'retry' and counted then
    insert into verne.failures (delivery_id, attempt, error) values (mine.id, mine.attempts, error);
    if outcome = 'dead' or mine.attempts >= (select s.max_attempts from verne.subscriptions s where s.subscriber = mine.subscriber) then
      perform verne.bury_delivery(mine, seen::bigint, error);
      return jsonb_build_object('state', 'dead');
    end if;
  end if;
  finished := outcome = 'done' and mine.event_id <= seen::bigint;
  due := case outcome
    when 'retry' then verne.now() + (facts ->> 'delay_ms')::int * interval '1 ms'
    when 'wait' then least((facts ->> 'until')::timestamptz, verne.due_of_news(mine, newest))
    else coalesce(verne.due_of_news(mine, seen::bigint), verne.now()) end;
  if outcome <> 'retry' and not finished and mine.last_error is not null then
    delete from verne.failures where delivery_id = mine.id; -- of a fact that is over its trouble
  end if;
  update verne.deliveries d set worker = null, due_at = due,
    last_error = case when outcome = 'retry' then error end,
    seen_id = greatest(d.seen_id, seen::bigint - case when outcome = 'done' then 0 else 1 end),
    attempts = case when outcome <> 'retry' then 0 when counted then d.attempts else d.attempts - 1 end,
    state = case when finished then 'done' else 'open' end,
    settled_at = case when finished then verne.now() end,
    not_before = case when outcome = 'retry' then due end
  where d.id = mine.id;
  return jsonb_build_object('state', case when finished then 'done' else 'open' end, 'due_in_ms', case when not finished then
    greatest(0, least(ceil(extract(epoch from due - verne.now()) * 1000), 2147483647))::int end);
end $$;
revoke all on function public.settle_delivery from public, anon, authenticated;
grant execute on function public.settle_delivery to service_role, verne_worker;

-- Whether a stored key can still be used: it was not revoked, or its owner entered one of the same account in its stead.
create or replace function verne.key_opens(key_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select public.read_key(key_opens.key_id::text) is not null
$$;

-- The server's row, made at its first interaction with safe defaults: nobody but Manage Server may create or confirm.
-- Who asks is noted too, as the interaction shows them.
create or replace function verne.touch_guild(actor jsonb) returns public.guilds
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  -- Looked at first, since an upsert locks the row even where it changes nothing. Who runs the service need not be on Discord.
  if actor ->> 'door' is distinct from 'operator' and not exists (
    select from public.users u where u.discord_id = actor ->> 'id' and u.discord_username is not distinct from actor ->> 'name') then
    insert into public.users (discord_id, discord_username) values (actor ->> 'id', actor ->> 'name')
    on conflict (discord_id) do update set discord_username = excluded.discord_username;
  end if;
  perform verne.note_member(actor);
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  if guild.id is null then
    insert into public.guilds (guild_id, name) values (actor ->> 'guild', actor ->> 'guild_name')
    on conflict (guild_id) do nothing;
    select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
    guild := verne.name_installer(actor, guild);
  end if;
  return guild;
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
      'key_id', (select w.key_id from watched w where verne.key_opens(w.key_id) order by w.queued_at desc limit 1),
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
  return jsonb_build_object('kind', 'cleared', 'phase', session.phase, 'revision', session.revision);
end $$;
revoke all on function public.clear_attempt from public, anon, authenticated;
grant execute on function public.clear_attempt to service_role, verne_worker;

-- Confirm, reject or cancel: one winner. The loser is told what the task is by now and who decided it.
create or replace function public.decide_task(actor jsonb, task_id text, verb text, reason text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'verb', verb, 'has_reason', reason is not null);
  operation text;
  task public.tasks;
  move verne.transitions;
  gate jsonb;
begin
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = decide_task.task_id::uuid;
  select * into task from public.tasks t where t.id = decide_task.task_id::uuid for update;
  select * into move from verne.transitions m
  where m.noun = 'task' and m.from_state = task.status and m.verb = decide_task.verb and m.operation is not null;
  -- Whoever asked may withdraw what they asked; everything else needs the operation's role.
  operation := case when verb = 'cancel' and task.discord_user_id = actor ->> 'id' then 'task.withdraw'
    when verb = 'cancel' then 'task.cancel' else 'task.confirm' end;
  gate := verne.authorise(actor, operation, args);
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if task.guild_id is distinct from (gate ->> 'guild')::uuid then
    perform verne.append_audit(actor, operation, 'refused: unknown_task', args);
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  if move.verb is null and verne.just_decided(task, verb, actor ->> 'id') then
    return jsonb_build_object('kind', 'decided', 'task', verne.task_view(task.id));
  end if;
  if move.verb is null then
    perform verne.append_audit(actor, operation, 'refused: too_late', args);
    return jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id));
  end if;
  update public.tasks t set status = move.to_state,
    decided_by = case when verb in ('confirm', 'reject') then actor ->> 'id' else t.decided_by end,
    decided_at = case when verb in ('confirm', 'reject') then verne.now() else t.decided_at end,
    ended_by = case when verb = 'cancel' then actor ->> 'id' end,
    reason = coalesce(decide_task.reason, t.reason)
  where t.id = task.id returning * into task;
  perform verne.publish_event(move.topic, 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.after_decision(task, verb, gate ->> 'guild_id');
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'decided', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.decide_task from public, anon, authenticated;
grant execute on function public.decide_task to service_role, verne_worker;

-- A session's end (or its coming back) moves the task; a late pull request of finished work is kept as well.
-- The end is told where the task was asked, once per outcome.
create or replace function verne.end_task(task public.tasks, session verne.sessions, ending jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  move verne.transitions;
  topic text := 'task.updated';
begin
  select * into move from verne.transitions m
  where m.noun = 'task' and m.from_state = task.status and m.verb = ending ->> 'verb' and m.operation is null;
  if move.verb is not null then
    topic := move.topic;
    update public.tasks t set status = move.to_state, pr_url = coalesce(ending ->> 'pr_url', t.pr_url),
      pr_source = coalesce(ending ->> 'pr_source', t.pr_source),
      last_error = ending ->> 'error' where t.id = task.id;
  elsif task.status = 'completed' and ending ->> 'pr_url' is not null then
    update public.tasks t set pr_url = ending ->> 'pr_url', pr_source = ending ->> 'pr_source' where t.id = task.id;
  else
    return;
  end if;
  perform verne.publish_event(topic, 'task:' || task.id, jsonb_build_object('pr_url', ending -> 'pr_url'),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks', 'correlation', task.correlation_id,
      'level', case when topic = 'task.failed' then 2 else 3 end));
  if ending ->> 'verb' <> 'resume' then
    perform verne.add_message('task:' || task.id, 'note', 'outcome', jsonb_build_object('place', 'channel', 'id', task.channel_id),
      jsonb_build_object('phase', session.phase, 'pr_url', ending -> 'pr_url', 'error', ending -> 'error', 'guild_id', session.tenant),
      'task:' || task.id || ':outcome:' || coalesce(ending ->> 'pr_url', session.phase || ':' || session.recreated)
        || case when session.resumes > 0 then ':again:' || session.resumes else '' end);
  end if;
  if ending ->> 'verb' <> 'resume' and session.name is not null then
    perform verne.close_thread(task, ending || jsonb_build_object('phase', session.phase));
  end if;
  perform verne.admit_tasks(session.account_id);
end $$;

-- Whether this person made this very decision a moment ago: a press that arrives twice is one press, not a late one.
create or replace function verne.just_decided(task public.tasks, verb text, actor_id text) returns boolean
language sql stable set search_path = '' as $$
  select case verb
    when 'confirm' then task.decided_by = actor_id and task.status <> 'rejected' and task.decided_at > verne.now() - interval '10 seconds'
    when 'reject' then task.decided_by = actor_id and task.status = 'rejected' and task.decided_at > verne.now() - interval '10 seconds'
    when 'cancel' then task.ended_by = actor_id and task.status = 'cancelled'
    else false end
$$;

-- A confirmed task waits for its account's limits, and starts at once where they leave room.
create or replace function verne.queue_session(task public.tasks, tenant text) returns void
language plpgsql set search_path = '' as $$
begin
  insert into verne.sessions (task_id, account_id, key_id, tenant, marker)
  values (task.id, task.account_id, task.key_id, queue_session.tenant,
    verne.new_marker());
  perform verne.admit_tasks(task.account_id);
  -- Its sweep admits what must wait now.
  perform verne.publish_event('account.watched', 'account:' || task.account_id, '{}', jsonb_build_object('source', 'tasks'));
end $$;

-- What a worker needs to open or follow a task's session; null where the task has none.
create or replace function public.read_work(task_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('task_id', t.id, 'number', t.number, 'status', t.status, 'prompt', t.prompt, 'repo', t.repo,
    'branch', t.branch, 'pr_url', t.pr_url, 'last_error', t.last_error, 'channel_id', t.channel_id, 'guild_id', s.tenant,
    'account_id', s.account_id, 'key_id', s.key_id,
    'phase', s.phase, 'marker', s.marker, 'attempts', s.attempts, 'attempted_at', s.attempted_at, 'recreated', s.recreated,
    'name', s.name, 'jules_state', s.jules_state, 'progress', s.progress, 'activities_until', s.activities_until,
    'moved_at', s.moved_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
    'finishing_since', s.finishing_since, 'ended_at', s.ended_at, 'archived_at', s.archived_at, 'reported_pr', s.reported_pr, 'revision', s.revision,
    'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
    -- Jules is asked again from a moment before the last activity that is known: these are the ones that come again.
    'known', (select coalesce(jsonb_agg(a.name), '[]') from verne.activities a
      where a.task_id = t.id and a.created_at > s.activities_until - interval '5 seconds'),
    'source', (select jsonb_build_object('name', c.name, 'branches', c.branches)
      from verne.sources c where c.key_id = s.key_id and lower(c.repo) = lower(t.repo)))
  from public.tasks t join verne.sessions s on s.task_id = t.id
  where t.id = read_work.task_id::uuid
$$;
revoke all on function public.read_work from public, anon, authenticated;
grant execute on function public.read_work to service_role, verne_worker;

drop function public.record_account_problem(account_id text, problem text);
-- Jules refuses a key: every task that depends on it says so on its card, and waits. Others of the account go on.
create or replace function public.record_account_problem(account_id text, key_id text, problem text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare hit record;
begin
  for hit in
    update public.tasks t set last_error = record_account_problem.problem from verne.sessions s
    where s.task_id = t.id and s.account_id = record_account_problem.account_id::uuid
      and s.key_id = record_account_problem.key_id::uuid and s.ended_at is null
      and s.admitted_at is not null and t.status = 'in_progress' and t.last_error is distinct from record_account_problem.problem
    returning t.id, s.tenant
  loop
    perform verne.publish_event('session.delayed', 'task:' || hit.id, '{}', jsonb_build_object('tenant', hit.tenant, 'source', 'tasks'));
  end loop;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_account_problem from public, anon, authenticated;
grant execute on function public.record_account_problem to service_role, verne_worker;

-- Jules's session becomes the task's one session. `opened`: name, url, state, and strays, the others of the same marker.
create or replace function public.record_opened(task_id text, opened jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  perform from public.tasks t where t.id = record_opened.task_id::uuid for update; -- the task before its session, as everywhere
  insert into verne.strays (name, task_id) select stray.name, record_opened.task_id::uuid
  from jsonb_array_elements_text(coalesce(opened -> 'strays', '[]')) stray(name) on conflict do nothing;
  update verne.sessions s set name = opened ->> 'name', url = opened ->> 'url', jules_state = opened ->> 'state',
    phase = case when s.ended_at is null then 'planning' else s.phase end,
    attempted_at = null, opened_at = verne.now(), moved_at = verne.now(), revision = s.revision + 1
  where s.task_id = record_opened.task_id::uuid and s.name is null
  returning * into session;
  if session.task_id is null then
    insert into verne.strays (name, task_id)
    select opened ->> 'name', s.task_id from verne.sessions s
    where s.task_id = record_opened.task_id::uuid and s.name <> opened ->> 'name' on conflict do nothing;
    return jsonb_build_object('kind', 'had_one');
  end if;
  update public.tasks t set last_error = null where t.id = session.task_id and t.status = 'in_progress' and t.last_error is not null;
  perform verne.publish_event('session.opened', 'task:' || session.task_id, jsonb_build_object('name', session.name),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  perform verne.publish_event('account.watched', 'account:' || session.account_id, '{}', jsonb_build_object('source', 'tasks'));
  return jsonb_build_object('kind', 'opened');
end $$;
revoke all on function public.record_opened from public, anon, authenticated;
grant execute on function public.record_opened to service_role, verne_worker;

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
  if change ? 'end' then
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
  if change ? 'end' then
    perform verne.end_task(task, session, change -> 'end');
  else
    update public.tasks t set last_error = change ->> 'last_error'
    where t.id = task.id and t.status = 'in_progress' and change ? 'last_error' and t.last_error is distinct from change ->> 'last_error';
    perform verne.publish_event('session.progressed', 'task:' || task.id, jsonb_build_object('phase', session.phase),
      jsonb_build_object('tenant', session.tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  return jsonb_build_object('kind', 'recorded', 'revision', session.revision);
end $$;
revoke all on function public.record_session from public, anon, authenticated;
grant execute on function public.record_session to service_role, verne_worker;

-- One look at an account's list. What moved is told to its follower; a session with a task's marker that is not the
-- task's session is a stray; places that fell free are filled. `seen`: [{name, state, updated_at, marker}].
create or replace function public.record_sweep(account_id text, seen jsonb, archived text[] default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare moved record; moves int := 0;
begin
  perform verne.lock_account(record_sweep.account_id::uuid);
  for moved in
    update verne.sessions s set seen_state = x.state, seen_updated_at = x.updated_at
    from jsonb_to_recordset(seen) x(name text, state text, updated_at timestamptz)
    where s.account_id = record_sweep.account_id::uuid and s.name = x.name
      and (s.seen_state, s.seen_updated_at) is distinct from (x.state, x.updated_at)
    returning s.task_id, s.tenant
  loop
    moves := moves + 1;
    perform verne.publish_event('session.moved', 'task:' || moved.task_id, '{}', jsonb_build_object('tenant', moved.tenant, 'source', 'tasks'));
  end loop;
  insert into verne.strays (name, task_id)
  select x.name, s.task_id from jsonb_to_recordset(seen) x(name text, marker text)
  join verne.sessions s on s.account_id = record_sweep.account_id::uuid and s.marker = x.marker and s.name is distinct from x.name
  -- One that is still being opened will be found by its opener; a prompt may quote the marker of another task.
  where (s.name is not null or s.phase = 'unsure' or s.ended_at is not null)
    and not exists (select from verne.sessions own where own.name = x.name)
  on conflict do nothing;
  update verne.strays set archived_at = verne.now() where name = any (archived) and archived_at is null;
  perform verne.admit_tasks(record_sweep.account_id::uuid);
  return jsonb_build_object('moved', moves);
end $$;
revoke all on function public.record_sweep from public, anon, authenticated;
grant execute on function public.record_sweep to service_role, verne_worker;

-- A person asks: may they, with whose key, on what; then the task, its card, its event and the audit in one transaction.
-- The same request key gives the first answer again. `wish`: prompt, repo, branch.
create or replace function public.request_task(actor jsonb, request_key text, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('repo', wish -> 'repo', 'branch', wish -> 'branch', 'prompt_length', length(wish ->> 'prompt'));
  gate jsonb;
  target jsonb;
  task public.tasks;
begin
  -- The same request may come by two doors at once.
  perform pg_advisory_xact_lock(hashtextextended('request:' || request_task.request_key, 7));
  select * into task from public.tasks t where t.request_key = request_task.request_key;
  if task.id is not null then
    return jsonb_build_object('kind', 'requested', 'task', verne.task_view(task.id));
  end if;
  gate := verne.authorise(actor, 'task.create', args);
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  target := case when gate -> 'key' = 'null'::jsonb then jsonb_build_object('kind', 'no_key') else verne.choose_target(gate, wish) end;
  if target ->> 'kind' <> 'target' then
    if target ->> 'kind' in ('unknown_repo', 'unknown_branch') then -- it may have been added since: look again at once
      perform verne.publish_event('sources.wanted', 'key:' || (gate -> 'key' ->> 'id'), '{}', jsonb_build_object('source', 'tasks'));
    end if;
    perform verne.append_audit(actor, 'task.create', 'refused: ' || (target ->> 'kind'), args);
    return target;
  end if;
  perform verne.lock_account((gate -> 'key' ->> 'account')::uuid);
  task := verne.insert_task(actor, request_key, wish, gate, target);
  perform verne.publish_event('task.requested', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.add_message('task:' || task.id, 'card', 'task', jsonb_build_object('place', 'channel', 'id', task.channel_id),
    jsonb_build_object('notice', gate -> 'notice', 'guild_id', gate ->> 'guild_id'), 'task:' || task.id || ':card');
  if task.status = 'in_progress' then
    perform verne.queue_session(task, gate ->> 'guild_id');
  else
    perform verne.tell_approvers(task, gate);
  end if;
  perform verne.append_audit(actor, 'task.create', 'allowed', args || jsonb_build_object('task', task.id, 'number', task.number));
  return jsonb_build_object('kind', 'requested', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.request_task from public, anon, authenticated;
grant execute on function public.request_task to service_role, verne_worker;

reset check_function_bodies;
