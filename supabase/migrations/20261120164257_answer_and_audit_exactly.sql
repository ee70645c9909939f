set check_function_bodies = off;

-- Gives up a master key that is lost: the keys that only it opens are revoked, and who entered them is told. `untold` are
-- those that an operator entered for a server: there is nobody to tell.
create or replace function public.abandon_master_key(actor jsonb, version text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  lost verne.keys;
  count int := 0;
  untold jsonb := '[]';
  args jsonb;
  entries jsonb := '[]';
  entry jsonb;
begin
  if actor ->> 'door' is distinct from 'operator' then
    perform verne.append_audit(actor, 'keys.abandon', 'refused: not_permitted', jsonb_build_object('version', abandon_master_key.version));
    return jsonb_build_object('kind', 'not_permitted', 'operation', 'keys.abandon', 'roles', '[]'::jsonb);
  end if;
  for lost in
    select * from verne.keys k where k.revoked_at is null and k.kek_version = abandon_master_key.version order by k.guild_id, k.owner_id, k.id for update
  loop
    count := count + 1;
    if not verne.tell_lost_key(lost, 'lost') then
      untold := untold || jsonb_build_object('guild', lost.guild_id, 'last4', lost.last4);
    end if;
    update verne.keys k set revoked_at = verne.now(), sealed = null, wrapped = null where k.id = lost.id;
    perform verne.mask_key(lost.guild_id, lost.owner_id);
    args := jsonb_strip_nulls(jsonb_build_object('version', abandon_master_key.version, 'last4', lost.last4, 'person', lost.owner_id));
    entries := entries || jsonb_build_object('guild', lost.guild_id, 'args', args);
  end loop;
  delete from verne.master_keys m where m.version = abandon_master_key.version;
  for entry in select * from jsonb_array_elements(entries) loop
    perform verne.append_audit(actor || jsonb_build_object('guild', entry -> 'guild'), 'keys.abandon', 'allowed', entry -> 'args');
  end loop;
  perform verne.append_audit(actor, 'keys.abandon', 'allowed', jsonb_build_object('version', abandon_master_key.version, 'keys', count));
  return jsonb_build_object('kind', 'abandoned', 'keys', count, 'untold', untold);
end $$;
revoke all on function public.abandon_master_key from public, anon, authenticated;
grant execute on function public.abandon_master_key to service_role, verne_worker;

-- Adds a pattern to what a server keeps to, or takes it away. `kind`: repo, branch or channel. Says whether that changed
-- anything; a server has room for 200.
create or replace function public.change_allow_list(actor jsonb, kind text, pattern text, give boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('allow', change_allow_list.kind, 'pattern', change_allow_list.pattern, 'give', give);
  gate jsonb := verne.authorise(actor, 'settings.change', args);
  has_changed boolean;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if give is true and (select count(*) from verne.allow_lists l where l.guild_id = gate ->> 'guild_id') >= 200 then
    perform verne.append_audit(actor, 'settings.change', 'refused: too_many', args);
    return jsonb_build_object('kind', 'too_many', 'most', 200);
  end if;
  if give is true then
    insert into verne.allow_lists (guild_id, kind, pattern) values (gate ->> 'guild_id', change_allow_list.kind, change_allow_list.pattern)
    on conflict do nothing;
  else
    delete from verne.allow_lists l where l.guild_id = gate ->> 'guild_id' and l.kind = change_allow_list.kind
      and l.pattern = change_allow_list.pattern;
  end if;
  has_changed := found;
  perform verne.append_audit(actor, 'settings.change', 'allowed', args);
  return jsonb_build_object('kind', case when has_changed then 'changed' else 'same' end);
end $$;
revoke all on function public.change_allow_list from public, anon, authenticated;
grant execute on function public.change_allow_list to service_role, verne_worker;

-- Grants a Discord role a named role or an operation, or takes it back. `wish`: give, role_id, role or operation, and where:
-- repo, branch, channel_id. Says whether that changed anything; a server has room for 200.
create or replace function public.change_grant(actor jsonb, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  gate jsonb := verne.authorise(actor, 'settings.change', jsonb_build_object('grant', wish));
  gives boolean := (wish ->> 'give')::boolean is true;
  is_limited boolean := num_nonnulls(wish ->> 'repo', wish ->> 'branch', wish ->> 'channel_id') > 0;
  refusal jsonb;
  has_changed boolean;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  refusal := case
    when wish ->> 'operation' is not null and not exists (
      select from verne.role_operations o where o.role = 'admin' and o.operation = wish ->> 'operation') then
      jsonb_build_object('kind', 'unknown_operation', 'operations', (
        select jsonb_agg(o.operation order by o.operation) from verne.role_operations o where o.role = 'admin'))
    when gives and is_limited and wish ->> 'operation' not like 'task.%' and wish ->> 'operation' not like 'ops.%' then
      jsonb_build_object('kind', 'not_limited')
    when gives and (select count(*) from verne.grants g where g.guild_id = gate ->> 'guild_id') >= 200 then
      jsonb_build_object('kind', 'too_many', 'most', 200) end;
  if refusal is not null then
    perform verne.append_audit(actor, 'settings.change', 'refused: ' || (refusal ->> 'kind'), jsonb_build_object('grant', wish));
    return refusal;
  end if;
  if gives then
    insert into verne.grants (guild_id, role_id, role, operation, repo, branch, channel_id)
    values (gate ->> 'guild_id', wish ->> 'role_id', wish ->> 'role', wish ->> 'operation', wish ->> 'repo', wish ->> 'branch', wish ->> 'channel_id')
    on conflict do nothing;
  else
    delete from verne.grants g where g.guild_id = gate ->> 'guild_id' and g.role_id = wish ->> 'role_id'
      and (g.role, g.operation, g.repo, g.branch, g.channel_id)
        is not distinct from (wish ->> 'role', wish ->> 'operation', wish ->> 'repo', wish ->> 'branch', wish ->> 'channel_id');
  end if;
  has_changed := found;
  perform verne.append_audit(actor, 'settings.change', 'allowed', jsonb_build_object('grant', wish));
  return jsonb_build_object('kind', case when has_changed then 'changed' else 'same' end);
end $$;
revoke all on function public.change_grant from public, anon, authenticated;
grant execute on function public.change_grant to service_role, verne_worker;

-- A key has nothing left for the day. Says whether that is to be told: once in 24 hours.
create or replace function verne.note_key_exhausted(key_id uuid) returns boolean
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.keys k set exhausted_at = verne.now()
  where k.id = note_key_exhausted.key_id and k.revoked_at is null
    and (k.exhausted_at > verne.now() - interval '24 hours') is not true;
  return found;
end $$;

-- The kill switch of the whole service, for whoever runs it.
create or replace function public.pause_service(actor jsonb, pause boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare service verne.service;
begin
  if actor ->> 'door' is distinct from 'operator' then
    perform verne.append_audit(actor, 'service.pause', 'refused: not_permitted', jsonb_build_object('pause', pause));
    return jsonb_build_object('kind', 'not_permitted', 'operation', 'service.pause', 'roles', '[]'::jsonb);
  end if;
  update verne.service s set paused_at = case when pause is not false then verne.now() end,
    paused_by = case when pause is not false then actor ->> 'id' end
  where (s.paused_at is null) = (pause is not false);
  if found then
    perform verne.publish_event(case when pause is not false then 'guild.paused' else 'guild.resumed' end, 'guild:every', '{}',
      jsonb_build_object('source', 'guilds'));
  end if;
  select * into service from verne.service;
  perform verne.append_audit(actor, 'service.pause', 'allowed', jsonb_build_object('pause', pause));
  return jsonb_build_object('kind', case when service.paused_at is not null then 'paused_now' else 'resumed' end,
    'by', service.paused_by, 'since', service.paused_at, 'everywhere', service.paused_at is not null);
end $$;
revoke all on function public.pause_service from public, anon, authenticated;
grant execute on function public.pause_service to service_role, verne_worker;

-- Revokes the server's or the actor's keys, or the one with these last four: what opens them is destroyed, so that no new
-- call is made with them.
create or replace function public.remove_key(actor jsonb, owner text, last4 text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_strip_nulls(jsonb_build_object('remove_key_of', owner, 'last4', last4));
  gate jsonb := verne.authorise(actor, operation, args);
  guild text := case owner when 'server' then gate ->> 'guild_id' end;
  person text := case owner when 'person' then actor ->> 'id' end;
  gone int;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  gone := verne.revoke_keys(guild, person, jsonb_build_object('all', last4 is null, 'last4', last4));
  perform verne.mask_key(guild, person);
  perform verne.append_audit(actor, operation, case gone when 0 then 'refused: no_key' else 'allowed' end, args);
  return jsonb_build_object('kind', case gone when 0 then 'no_key' else 'removed' end);
end $$;
revoke all on function public.remove_key from public, anon, authenticated;
grant execute on function public.remove_key to service_role, verne_worker;

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
  running := array(select s.admitted_at + used.usual from verne.sessions s
    where s.account_id = session.account_id and s.admitted_at is not null and s.ended_at is null order by s.admitted_at);
  taken := verne.taken_places(session.account_id);
  turn_at := verne.place_comes(place, used.at_once, running, used.usual, now);
  day_at := verne.place_comes(place, used.per_day, taken, interval '24 hours', now);
  return jsonb_build_object('place', place,
    'because', case when turn_at is null or day_at <= turn_at then 'at_once' else 'per_day' end,
    'wait_s', case when turn_at is not null and day_at is not null
      then ceil(extract(epoch from greatest(turn_at, day_at) - now))::bigint end);
end $$;

-- A report of a session from outside: a reason to look at Jules now, and perhaps the pull request that Jules does not
-- name; of a session that nobody knows to be open there is none. The same id for the same task is one report. `report`: id, task_id or session, pr_url, state.
create or replace function public.receive_report(report jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  session verne.sessions;
  pr_url text := report ->> 'pr_url';
  own text; -- the same pull request as Verne writes it
  fact text;
begin
  select * into session from verne.sessions s
  where (report ->> 'task_id' is null or s.task_id = (report ->> 'task_id')::uuid)
    and (report ->> 'session' is null or s.name = 'sessions/' || regexp_replace(report ->> 'session', '^sessions/', ''))
    and (report ->> 'task_id' is not null or report ->> 'session' is not null);
  -- The task before its session, as everywhere: a report and a press on Cancel never wait for each other.
  select * into task from public.tasks t where t.id = session.task_id for update;
  if task.id is null then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  own := 'https://github.com/' || task.repo || '/pull/' || substring(pr_url from '/([1-9][0-9]{0,9})$');
  -- Letters may differ in case, those of ASCII alone: elsewhere one may pass for another.
  if pr_url is not null and (lower(pr_url collate "C") = lower(own collate "C")) is not true then
    return jsonb_build_object('kind', 'foreign_pull_request', 'repo', task.repo);
  end if;
  fact := 'report:' || task.id || ':' || (report ->> 'id');
  if verne.known_event(session.tenant, fact) then
    return jsonb_build_object('kind', 'known', 'task_id', task.id);
  end if;
  update verne.sessions s set reported_pr = own, revision = s.revision + 1
  where s.task_id = task.id and own is not null and s.name is not null;
  perform verne.publish_event('session.reported', 'task:' || task.id,
    jsonb_build_object('state', report -> 'state', 'pr_url', own),
    jsonb_build_object('tenant', session.tenant, 'source', 'webhook', 'dedupe', fact));
  return jsonb_build_object('kind', 'accepted', 'task_id', task.id);
end $$;
revoke all on function public.receive_report from public, anon, authenticated;
grant execute on function public.receive_report to service_role, verne_worker;

-- Jules says of a key that it is used up, although by what Verne counts there was room.
create or replace function public.report_exhausted_key(key_id text, why text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform verne.tell_key_exhausted(report_exhausted_key.key_id::uuid, report_exhausted_key.why);
  return jsonb_build_object('kind', 'reported');
end $$;
revoke all on function public.report_exhausted_key from public, anon, authenticated;
grant execute on function public.report_exhausted_key to service_role, verne_worker;

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
  gate := gate || jsonb_build_object('key', verne.choose_key(gate -> 'keys'));
  target := verne.admissible(actor, gate, wish);
  if target ->> 'kind' <> 'target' then
    if target ->> 'kind' in ('unknown_repo', 'unknown_branch') then -- it may have been added since: look again at once
      perform verne.publish_event('sources.wanted', 'key:' || (gate -> 'key' ->> 'id'), '{}', jsonb_build_object('source', 'tasks'));
    end if;
    perform verne.append_audit(actor, 'task.create', 'refused: ' || (target ->> 'kind'), args);
    return target;
  end if;
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
  perform verne.append_audit(actor, 'task.create', 'allowed', args || jsonb_build_object('task', task.id, 'number', task.number,
    'key_id', task.key_id, 'key_owner', task.key_owner));
  return jsonb_build_object('kind', 'requested', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.request_task from public, anon, authenticated;
grant execute on function public.request_task to service_role, verne_worker;

-- The end of a pause, of one server or of all (`every`): what waited is admitted, what was opened goes on. At the beginning
-- of one only the cards of what it holds are told; those of the queue look by themselves.
create or replace function public.resume_guild(guild_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare waiting record;
begin
  -- Whoever writes of many tasks has their accounts first, in one order; facts of tasks come before those of accounts.
  perform verne.lock_account(a.account_id) from (select distinct s.account_id from verne.sessions s
    where s.ended_at is null and resume_guild.guild_id in (s.tenant, 'every') order by s.account_id) a;
  for waiting in
    select s.task_id, s.tenant, s.phase, verne.is_paused(s.tenant) as held from verne.sessions s
    where s.ended_at is null and s.phase <> 'queued' and resume_guild.guild_id in (s.tenant, 'every') order by s.task_id
  loop
    continue when waiting.held and waiting.phase not in ('opening', 'approving');
    perform verne.publish_event(case when waiting.held then 'session.delayed' when waiting.phase = 'opening' then 'task.admitted' else 'session.moved' end,
      'task:' || waiting.task_id, '{}', jsonb_build_object('tenant', waiting.tenant, 'source', 'tasks'));
  end loop;
  for waiting in
    select distinct s.account_id from verne.sessions s
    where s.ended_at is null and resume_guild.guild_id in (s.tenant, 'every') order by s.account_id
  loop
    perform verne.publish_event('account.watched', 'account:' || waiting.account_id, '{}', jsonb_build_object('source', 'tasks'));
  end loop;
  return jsonb_build_object('kind', 'resumed');
end $$;
revoke all on function public.resume_guild from public, anon, authenticated;
grant execute on function public.resume_guild to service_role, verne_worker;

-- When the places that an account's last 24 hours have taken come back, the first one first.
create or replace function verne.taken_places(account_id uuid) returns timestamptz[]
language sql stable set search_path = '' as $$
  select array(select s.admitted_at + interval '24 hours' from verne.sessions s, generate_series(0, s.recreated)
    where s.account_id = taken_places.account_id and s.admitted_at > verne.now() - interval '24 hours' order by s.admitted_at)
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
        'paused', case when s.phase in ('opening', 'approving') and s.attempted_at is null and s.ended_at is null then
          case when verne.is_paused('') then 'everywhere' when verne.is_paused(s.tenant) then 'here' end end,
        -- Where its intent still stands, nobody could look for what came of it: the key is gone.
        'unsure_because', case when s.phase = 'unsure' then case when s.attempted_at is null then 'attempts' else 'key' end end) end,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      'policy', jsonb_build_object('approvals', t.approvals_needed, 'self_approval', t.self_approval, 'expires_at', t.expires_at),
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

-- Tasks wait for a key that has nothing left for the day, by what Verne counts or (`why`) by what Jules says: who can mend
-- that is told, once in 24 hours however many wait.
create or replace function verne.tell_key_exhausted(key_id uuid, why text default null) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  key uuid := (verne.find_key(tell_key_exhausted.key_id)).id; -- perhaps entered anew since
  account uuid := (verne.find_key(tell_key_exhausted.key_id)).account_id;
  mender jsonb := verne.who_mends(key);
  used record;
begin
  if mender ->> 'person' ~ '^[0-9]{15,20}$' is not true or not verne.note_key_exhausted(key) then
    return;
  end if;
  select * into used from verne.account_use(account);
  perform verne.add_message('key:' || key, 'note', 'key_exhausted', jsonb_build_object('place', 'dm', 'id', mender -> 'person'),
    jsonb_build_object('last4', mender -> 'last4', 'why', tell_key_exhausted.why, 'used', used.today, 'per_day', used.per_day,
      'back_at', verne.place_comes(1, used.per_day, verne.taken_places(account), interval '24 hours', verne.now())),
    'key:' || key || ':exhausted:' || verne.now());
  perform verne.publish_event('key.exhausted', 'key:' || key, '{}', jsonb_build_object('source', 'tasks', 'level', 2));
end $$;

-- What was let in with a key that Jules refuses, and never asked for, queues again and gives its place back. Where a key is
-- gone, what may have begun with it can be neither found nor repeated: a person decides.
create or replace function verne.wait_for_key(account_id uuid, key_id uuid, why text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare left_open record;
begin
  perform from public.tasks t where t.id in (select s.task_id from verne.sessions s -- the task before its session, as everywhere
    where s.account_id = wait_for_key.account_id and s.key_id = wait_for_key.key_id and s.ended_at is null and s.name is null) order by t.id for update;
  if verne.key_refused(wait_for_key.key_id) then
    update verne.sessions s set phase = 'queued', admitted_at = null, revision = s.revision + 1
    where s.account_id = wait_for_key.account_id and s.key_id = wait_for_key.key_id and s.ended_at is null
      and s.admitted_at is not null and s.name is null and s.attempted_at is null and s.attempts = 0;
    perform verne.admit_tasks(wait_for_key.account_id);
  elsif not verne.key_opens(wait_for_key.key_id) then
    for left_open in
      update verne.sessions s set phase = 'unsure', revision = s.revision + 1
      from public.tasks t where t.id = s.task_id and s.account_id = wait_for_key.account_id and s.key_id = wait_for_key.key_id
        and s.ended_at is null and s.name is null and s.attempted_at is not null and s.phase <> 'unsure'
      returning s.task_id, s.tenant, t.channel_id
    loop
      perform verne.add_message('task:' || left_open.task_id, 'note', 'outcome', jsonb_build_object('place', 'channel', 'id', left_open.channel_id),
        jsonb_build_object('phase', 'unsure', 'because', 'key', 'error', wait_for_key.why, 'guild_id', left_open.tenant), 'task:' || left_open.task_id || ':unsure');
    end loop;
  end if;
end $$;

reset check_function_bodies;
