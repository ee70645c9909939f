set check_function_bodies = off;

-- Commits the intent to post or edit, before the call; 'stale' where the row is no longer as `seen` (sending_since, is_post).
-- An earlier intent that was never resolved may still land for `window_ms`: until then its message is not posted again,
-- and a card is edited once more afterwards; `settles` says that this edit is that one.
-- `announce_within_ms`: the card wants to mention approvers, and may if no other card of its place did so within that time.
create or replace function public.begin_message(id text, window_ms int, seen jsonb, announce_within_ms int default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  message verne.messages;
  may_announce boolean := false;
begin
  select * into message from verne.messages m where m.id = begin_message.id::uuid for update;
  if verne.has_left(verne.server_of(message.subject, message.facts)) then
    update verne.messages m set parked_reason = 'The bot was removed from the server.' where m.id = message.id and m.parked_reason is null;
    return jsonb_build_object('kind', 'stale');
  end if;
  if message.id is null or message.parked_reason is not null
    or message.sending_since is distinct from (seen ->> 'sending_since')::timestamptz
    or (message.message_id is null) is distinct from (seen ->> 'is_post')::boolean then
    return jsonb_build_object('kind', 'stale');
  end if;
  if announce_within_ms is not null then
    perform pg_advisory_xact_lock(hashtextextended('announce ' || message.place_id, 7)); -- two cards must not both be the first
    may_announce := not exists (select from verne.messages o where o.place_id = message.place_id and o.id <> message.id
      and o.announced_at > verne.now() - announce_within_ms * interval '1 ms');
  end if;
  update verne.messages m set
    unsure_until = case when m.sending_since is null then m.unsure_until
      else greatest(m.unsure_until, m.sending_since + window_ms * interval '1 ms') end,
    announced_at = case when may_announce then coalesce(m.announced_at, verne.now()) else m.announced_at end,
    tries = m.tries + case when m.message_id is null then 1 else 0 end, tried_at = verne.now(),
    sending_since = verne.now()
  where m.id = message.id
  returning * into message;
  return jsonb_build_object('kind', 'begun', 'intent', message.sending_since, 'unsure_until', message.unsure_until,
    'settles', coalesce(message.unsure_until <= message.sending_since, false), 'announced', message.announced_at is not null);
end $$;
revoke all on function public.begin_message from public, anon, authenticated;
grant execute on function public.begin_message to service_role, verne_worker;

-- A message that its place will not take (deleted, forbidden) is set aside with the reason; the subject's others go on.
-- `instead` is another place {place, id} that is told once, as a note, and whose reader learns of both reason and place.
create or replace function public.park_message(id text, reason text, instead jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare message verne.messages;
begin
  update verne.messages m set parked_reason = park_message.reason, parked_at = verne.now(), sending_since = null
  where m.id = park_message.id::uuid and m.parked_reason is null
  returning * into message;
  if message.id is not null and instead is not null then
    perform verne.add_message(message.subject, 'note', message.view, instead,
      message.facts || jsonb_build_object('parked', park_message.reason, 'parked_place', message.place_id), message.dedupe || ':instead');
  end if;
  return jsonb_build_object('kind', case when message.id is null then 'was_parked' else 'parked' end);
end $$;
revoke all on function public.park_message from public, anon, authenticated;
grant execute on function public.park_message to service_role, verne_worker;

-- Where a subject's card is; null where none was posted.
create or replace function verne.card_of(subject text) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('channel_id', m.channel_id, 'message_id', m.message_id) from verne.messages m
    where m.subject = card_of.subject and m.kind = 'card' and m.message_id is not null and m.parked_reason is null
    order by m.seq limit 1);
end $$;

-- A page of what was owed to Discord for a subject, newest first and numbered, and how much of all of it was given up. `cursor`: before or
-- after (a message's place in the order); one behind which nothing is left leads to the first page again.
create or replace function verne.owed_messages(subject text, cursor jsonb, size int) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  before bigint := (cursor ->> 'before')::bigint;
  after bigint := (cursor ->> 'after')::bigint;
  oldest bigint;
begin
  -- Read backwards, a page begins so many messages before its end.
  select min(m.seq) into oldest from (
    select m.seq from verne.messages m where m.subject = owed_messages.subject and m.seq > after order by m.seq limit size) m;
  select min(m.seq), max(m.seq) + 1 into oldest, before from (
    select m.seq from verne.messages m where m.subject = owed_messages.subject and (oldest is null or m.seq >= oldest)
      and (oldest is not null or before is null or m.seq < before)
    order by case when oldest is not null then m.seq end, m.seq desc limit size) m;
  if oldest is null and cursor <> '{}' then
    return verne.owed_messages(subject, '{}', size);
  end if;
  return (
    select jsonb_build_object('parked', count(*) filter (where m.parked_reason is not null and m.parked_reason <> 'overtaken'),
      'has_newer', coalesce(bool_or(m.seq >= before), false), 'has_older', coalesce(bool_or(m.seq < oldest), false),
      'messages', coalesce(jsonb_agg(jsonb_build_object('seq', m.seq::text, 'nth', m.nth, 'kind', m.kind, 'view', m.view, 'place', m.place,
        'is_sign', m.facts ? 'on' and not m.facts ? 'parked',
        'place_id', m.place_id, 'channel_id', m.channel_id, 'message_id', m.message_id, 'created_at', m.created_at,
        'posted_at', m.posted_at, 'tries', m.tries, 'tried_at', m.tried_at, 'is_under_way', m.sending_since is not null,
        'closed_since', m.forbidden_since, 'parked_reason', m.parked_reason, 'parked_at', m.parked_at,
        'resent', m.resent, 'resent_at', m.resent_at) order by m.seq desc) filter (where m.seq >= oldest and m.seq < before), '[]'))
    from (select o.*, row_number() over (order by o.seq) as nth from verne.messages o where o.subject = owed_messages.subject) m);
end $$;

-- A message that was given up is owed once more: in its place, or in the channel `elsewhere`, where a card goes only if it `may_move`.
-- One that is still there is edited again; any other is posted anew, under another nonce.
create or replace function verne.owe_again(subject text, seq bigint, elsewhere text, may_move boolean) returns text
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  message verne.messages;
  moves boolean;
begin
  select * into message from verne.messages m where m.subject = owe_again.subject and m.seq = owe_again.seq for update;
  if message.id is null or message.facts ? 'on' and not message.facts ? 'parked' then -- a sign on what somebody wrote is no message
    return 'unknown_message';
  elsif message.parked_reason is null then
    return 'not_parked';
  elsif message.facts = '{}' and message.parked_reason = 'The person was forgotten.' then
    return 'forgotten';
  end if;
  moves := elsewhere is not null and (message.place <> 'channel' or message.place_id <> elsewhere);
  if moves and message.kind = 'card' and (may_move is not true or exists (
    select from verne.messages o where o.subject = message.subject and o.kind = 'card' and o.view = message.view and o.place_id = elsewhere)) then
    return 'not_wider';
  end if;
  update verne.messages m set
    parked_reason = null, parked_at = null, sending_since = null, forbidden_since = null, forbidden_at = null,
    resent = m.resent + 1, resent_at = verne.now()
  where m.id = message.id;
  if moves or message.parked_reason in ('message_gone', 'channel_gone') then
    update verne.messages m set channel_id = null, message_id = null, posted_at = null, shown_hash = null, shown_at = null,
      unsure_until = null, thread_problem = null,
      thread_id = case when not moves and m.thread_problem is null then m.thread_id end,
      place = case when moves then 'channel' else m.place end, place_id = case when moves then elsewhere else m.place_id end
    where m.id = message.id;
  end if;
  perform verne.publish_event('card.returned', message.subject, '{}',
    jsonb_build_object('tenant', verne.server_of(message.subject, message.facts), 'source', 'discord'));
  return 'owed';
end $$;

-- In which of many places (repo, branch, channel) an actor may do an operation; for lists, which would ask too often one by one.
create or replace function verne.may_where(actor jsonb, operation text, places jsonb) returns setof jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  return query select p.place from jsonb_array_elements(places) p(place)
    where verne.may(actor, may_where.operation, guild, p.place) is true;
end $$;

-- Forgets a person in tasks: what they wrote and what came of it in words, and that it was they who asked or decided. Gives
-- back the subjects of the tasks that are shown anew for it: `own` that they asked for, and `others`.
create or replace function verne.forget_tasks(person text) returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  nobody text := '000000000000000000';
  own uuid[] := array(select t.id from public.tasks t where t.discord_user_id = person);
  others uuid[] := array(
    select t.id from public.tasks t where t.discord_user_id <> person and person in (t.decided_by, t.ended_by)
    union select a.task_id from verne.approvals a where a.approver = person and a.task_id <> all (own));
begin
  update public.tasks t set user_id = null, discord_user_id = nobody, prompt = '(forgotten)',
    last_error = case when t.last_error is not null then '(forgotten)' end,
    key_last4 = case t.key_owner when 'person' then '····' else t.key_last4 end
  where t.id = any (own);
  update public.tasks t set reason = null,
    decided_by = case t.decided_by when forget_tasks.person then nobody else t.decided_by end,
    ended_by = case t.ended_by when forget_tasks.person then nobody else t.ended_by end
  where t.id = any (own || others);
  -- While a task waits, an approval of nobody could be given twice by one person.
  delete from verne.approvals a using public.tasks t
  where a.approver = forget_tasks.person and t.id = a.task_id and (t.status = 'pending_confirmation'
    or exists (select from verne.approvals o where o.task_id = a.task_id and o.approver = nobody));
  update verne.approvals a set approver = nobody where a.approver = forget_tasks.person;
  update verne.history h set by = nobody where h.by = forget_tasks.person;
  update verne.instructions i set text = '(forgotten)', author = nobody, problem = null
  where i.author = forget_tasks.person or i.task_id = any (own);
  delete from verne.activities a where a.task_id = any (own);
  delete from verne.patches p where p.task_id = any (own);
  delete from verne.plans p where p.task_id = any (own);
  update verne.sessions s set progress = '{}' where s.task_id = any (own) and s.progress <> '{}';
  return jsonb_build_object('own', (select coalesce(jsonb_agg('task:' || id), '[]') from unnest(own) id),
    'others', (select coalesce(jsonb_agg('task:' || id), '[]') from unnest(others) id));
end $$;

-- Where among a server's tasks an actor may confirm: repository, branch and channel, a line each. `open_only`: where they may
-- let something begin now, among the tasks that still wait for somebody.
create or replace function verne.approver_places(actor jsonb, guild_id uuid, open_only boolean) returns text[]
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare places jsonb := (
  select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (
    select distinct t.repo, t.branch, t.channel_id as channel from public.tasks t
    where t.guild_id = approver_places.guild_id
      and (not open_only or t.status in ('pending_confirmation', 'in_progress'))) p);
begin
  return (
    select coalesce(array_agg(concat_ws(E'\n', m.place ->> 'repo', m.place ->> 'branch', m.place ->> 'channel')), '{}')
    from verne.may_where(actor, 'task.confirm', places) m(place)
    -- That the next act would be too fast says nothing of what waits.
    where not open_only
      or coalesce(verne.would_refuse(actor, 'task.confirm', m.place || '{"verb": "confirm"}') ->> 'kind', 'too_fast') = 'too_fast');
end $$;

-- Whether somebody may see a task of their server beyond its card: who asked for it, everybody where it was asked, and who may
-- confirm it. What was asked in a channel is shown in no other one to those who may not be in it.
create or replace function verne.sees_task(actor jsonb, task public.tasks) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return task.id is not null and (task.discord_user_id = actor ->> 'id'
    or task.channel_id in (actor ->> 'channel', actor ->> 'parent_channel')
    or verne.refused_there(actor, 'task.confirm',
      jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id)) is null);
end $$;

-- What of a task waits for this very person, and since when; null where nothing does. `approves`: they may confirm it now.
create or replace function verne.waits_for_me(me text, approves boolean, task public.tasks, session verne.sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  waits jsonb := verne.waits_for(task, session);
  is_mine boolean := task.discord_user_id = me;
  untold verne.instructions;
begin
  if waits ->> 'whom' = 'approvers' then
    return case when approves and (not is_mine or task.self_approval) and (waits ->> 'what' <> 'decision'
      or verne.waits_until(task) > verne.now() and not exists (
        select from verne.approvals a where a.task_id = task.id and a.approver = me)) is true then waits end;
  elsif not is_mine or task.status <> 'in_progress' then
    return null;
  elsif waits is not null then
    return waits;
  elsif session.phase in ('paused', 'unsure') then
    return jsonb_build_object('what', session.phase, 'since', session.phase_since);
  end if;
  -- Words that Jules could not be told wait until something else is said.
  select * into untold from verne.instructions i where i.task_id = task.id order by i.created_at desc limit 1;
  return case when untold.state = 'refused' then jsonb_build_object('what', 'untold', 'since', untold.created_at) end;
end $$;

-- The next tasks of a list, nearest to the cursor first: newest first, or oldest first where the list is read backwards.
-- `wish`: show (mine, all, waiting), status, repo or repo_ref (the beginning of its hash), before or after (a number).
create or replace function verne.listed_tasks(actor jsonb, gate jsonb, wish jsonb, most int)
returns table (task_id uuid, number int, waits jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  guild uuid := (gate ->> 'guild')::uuid;
  is_approver boolean := (gate ->> 'may_confirm')::boolean is true;
  waiting boolean := wish ->> 'show' = 'waiting';
  sees_all boolean := wish ->> 'show' = 'all' and is_approver and verne.refused_there(actor, 'task.confirm', null) is null;
  places text[] := case when is_approver and not sees_all and wish ->> 'show' <> 'mine'
    then verne.approver_places(actor, guild, waiting) else '{}' end;
begin
  return query execute format($query$
    select t.id, t.number, w.waits from public.tasks t left join verne.sessions s on s.task_id = t.id
    cross join lateral (select concat_ws(E'\n', t.repo, t.branch, t.channel_id) = any ($3) as approves) a
    cross join lateral (select %s as waits) w
    where t.guild_id = $1 and %s
      and (($4 ->> 'before') is null or t.number < ($4 ->> 'before')::int)
      and (($4 ->> 'after') is null or t.number > ($4 ->> 'after')::int)
      and (($4 ->> 'repo') is null or lower(t.repo) = lower($4 ->> 'repo'))
      and (($4 ->> 'repo_ref') is null or left(md5(lower(t.repo)), 10) = $4 ->> 'repo_ref')
      and (($4 ->> 'status') is null or $4 ->> 'status' = case
        when t.status <> 'completed' then t.status when t.pr_url is not null then 'pr' else 'no_pr' end)
    order by t.number %s limit $5 $query$,
    case when waiting then $w$verne.waits_for_me($2 ->> 'id', a.approves, t, s)$w$ else 'null::jsonb' end,
    case when waiting then $w$t.status in ('pending_confirmation', 'in_progress') and w.waits is not null$w$
      when wish ->> 'show' = 'mine' then $w$t.discord_user_id = $2 ->> 'id'$w$
      when sees_all then 'true'
      else $w$(t.discord_user_id = $2 ->> 'id' or t.channel_id in ($2 ->> 'channel', $2 ->> 'parent_channel') or a.approves)$w$ end,
    case when wish ->> 'after' is null then 'desc' else 'asc' end)
  using guild, actor, places, wish, most;
end $$;

-- How long tasks of a server took, in seconds: from the request to its decision, and from its confirmation to the first pull
-- request; null where that has not come, or where no second person was asked. One task, or those of the last 30 days.
create or replace function verne.task_times(guild_id uuid, task_id uuid default null) returns table (approval_s numeric, pr_s numeric)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    select case when t.expires_at is not null then extract(epoch from t.decided_at - t.created_at) end,
      extract(epoch from (select min(h.at) from verne.history h where h.task_id = t.id and h.state = 'pull_request') - t.decided_at)
    from public.tasks t
    where t.guild_id = task_times.guild_id and (t.id = task_times.task_id
      or task_times.task_id is null and t.created_at > verne.now() - interval '30 days');
end $$;

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

-- The medians of a server's last 30 days, in seconds, and of how many tasks.
create or replace function verne.server_times(guild_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('approval_s', percentile_cont(0.5) within group (order by f.approval_s), 'decided', count(f.approval_s),
      'pr_s', percentile_cont(0.5) within group (order by f.pr_s), 'prs', count(f.pr_s))
    from verne.task_times(server_times.guild_id) f);
end $$;

-- A page of a server's tasks for one pair of eyes. A cursor behind which nothing is left leads to the first page again.
create or replace function public.read_tasks(actor jsonb, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := wish - 'before' - 'after';
  gate jsonb := verne.authorise(actor, 'task.read', args);
  size int := 8;
  found jsonb; -- one more than the page shows
  has_more boolean;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  found := (select jsonb_agg(to_jsonb(l)) from verne.listed_tasks(actor, gate, wish, size + 1) l);
  if found is null and wish ?| '{before,after}' then
    wish := args;
    found := (select jsonb_agg(to_jsonb(l)) from verne.listed_tasks(actor, gate, wish, size + 1) l);
  end if;
  has_more := coalesce(jsonb_array_length(found) > size, false);
  perform verne.append_audit(actor, 'task.read', 'allowed', args);
  return jsonb_build_object('kind', 'tasks', 'tasks', (
      select coalesce(jsonb_agg(jsonb_build_object('waits', l.one -> 'waits', 'card', verne.card_of('task:' || (l.one ->> 'task_id')),
        'task', v.view || jsonb_build_object('prompt', left(v.view ->> 'prompt', 400))) order by (l.one ->> 'number')::int desc), '[]')
      from jsonb_array_elements(found) with ordinality l(one, nth)
      cross join lateral (select verne.task_view((l.one ->> 'task_id')::uuid) as view) v where l.nth <= size),
    'times', verne.server_times((gate ->> 'guild')::uuid),
    'guild_id', gate -> 'guild_id',
    'has_newer', case when wish ? 'after' then has_more else wish ? 'before' end,
    'has_older', wish ? 'after' or has_more,
    'repo', coalesce(wish ->> 'repo', (select t.repo from public.tasks t
      where t.guild_id = (gate ->> 'guild')::uuid and left(md5(lower(t.repo)), 10) = wish ->> 'repo_ref' limit 1)),
    'repo_ref', coalesce(wish ->> 'repo_ref', left(md5(lower(wish ->> 'repo')), 10)));
end $$;
revoke all on function public.read_tasks from public, anon, authenticated;
grant execute on function public.read_tasks to service_role, verne_worker;

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

-- A page of what happened to the task of a number, oldest first, behind the entry `after` (0: from the beginning).
create or replace function public.read_task_history(actor jsonb, number int, after int default 0) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('number', read_task_history.number, 'view', 'timeline');
  gate jsonb := verne.authorise(actor, 'task.read', args);
  size int := 12;
  task public.tasks;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.guild_id = (gate ->> 'guild')::uuid and t.number = read_task_history.number;
  gate := gate || jsonb_build_object('kind', case when verne.sees_task(actor, task) is true then 'history' else 'unknown_task' end);
  perform verne.append_audit(actor, 'task.read', case gate ->> 'kind' when 'history' then 'allowed' else 'refused: unknown_task' end, args);
  if gate ->> 'kind' is not distinct from 'unknown_task' then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  return (
    select jsonb_build_object('kind', 'history', 'task', verne.task_view(task.id), 'card', verne.card_of('task:' || task.id),
      'guild_id', gate -> 'guild_id', 'has_more', coalesce(max(e.of), 0) > read_task_history.after + size,
      'entries', coalesce(jsonb_agg(jsonb_build_object('nth', e.nth, 'at', e.at, 'what', e.what, 'by', e.by, 'text', e.facts -> 'text',
        'kind', e.facts -> 'kind') order by e.nth) filter (where e.nth > read_task_history.after and e.nth <= read_task_history.after + size), '[]'),
      'times', (select jsonb_build_object('approval_s', f.approval_s, 'pr_s', f.pr_s, 'waited_s', verne.waited_for_people(task))
        from verne.task_times(task.guild_id, task.id) f))
    from (select h.*, count(*) over () as of from verne.history_entries(task) h) e);
end $$;
revoke all on function public.read_task_history from public, anon, authenticated;
grant execute on function public.read_task_history to service_role, verne_worker;

-- A page of the messages that were owed for the task of a number, newest first: what, where, when, how often tried. `cursor`:
-- before or after (the place of a message in the order they were owed).
create or replace function public.read_task_messages(actor jsonb, number int, cursor jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('number', read_task_messages.number, 'view', 'delivery');
  gate jsonb := verne.authorise(actor, 'task.read', args);
  task public.tasks;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.guild_id = (gate ->> 'guild')::uuid and t.number = read_task_messages.number;
  gate := gate || jsonb_build_object('kind', case when verne.sees_task(actor, task) is true then 'messages' else 'unknown_task' end);
  perform verne.append_audit(actor, 'task.read', case gate ->> 'kind' when 'messages' then 'allowed' else 'refused: unknown_task' end, args);
  if gate ->> 'kind' is not distinct from 'unknown_task' then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  return jsonb_build_object('kind', 'messages', 'number', task.number, 'guild_id', gate -> 'guild_id',
    'may_send', task.discord_user_id = actor ->> 'id' or verne.refused_there(actor, 'task.confirm',
      jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id)) is null)
    || verne.owed_messages('task:' || task.id, cursor, 6);
end $$;
revoke all on function public.read_task_messages from public, anon, authenticated;
grant execute on function public.read_task_messages to service_role, verne_worker;

-- A message that was given up is owed once more, where it was meant for or, `here`, where who presses is. For who asked for the
-- task and for who may confirm it. Its card, which shows the prompt, goes to another channel by who asked alone.
create or replace function public.send_again(actor jsonb, number int, message text, here boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('number', send_again.number, 'message', message, 'send_again', case when here then 'here' else 'there' end);
  gate jsonb := verne.authorise(actor, 'task.read', args);
  task public.tasks;
  is_mine boolean;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.guild_id = (gate ->> 'guild')::uuid and t.number = send_again.number for update;
  is_mine := task.discord_user_id = actor ->> 'id';
  gate := case
    when verne.sees_task(actor, task) is not true then jsonb_build_object('kind', 'unknown_task')
    when is_mine then jsonb_build_object('kind', 'allowed')
    else coalesce(verne.refused_there(actor, 'task.confirm',
      jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id)), jsonb_build_object('kind', 'allowed')) end;
  if gate ->> 'kind' is not distinct from 'allowed' then
    gate := jsonb_build_object('kind', verne.owe_again('task:' || task.id, message::bigint,
      case when here then actor ->> 'channel' end, is_mine or task.channel_id in (actor ->> 'channel', actor ->> 'parent_channel')));
  end if;
  perform verne.append_audit(actor, 'task.read', case gate ->> 'kind' when 'owed' then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  return gate;
end $$;
revoke all on function public.send_again from public, anon, authenticated;
grant execute on function public.send_again to service_role, verne_worker;

-- What becomes of a task is kept, with who did it.
create or replace function verne.keep_task_history() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into verne.history (task_id, noun, state, by) values (new.id, 'task', 'asked', new.discord_user_id);
    if new.status = 'in_progress' then
      insert into verne.history (task_id, noun, state, by) values (new.id, 'task', 'confirmed', new.decided_by);
    end if;
    return null;
  end if;
  if new.pr_url is distinct from old.pr_url and new.pr_url is not null then
    insert into verne.history (task_id, noun, state) values (new.id, 'task', 'pull_request');
  end if;
  if new.status <> old.status then
    insert into verne.history (task_id, noun, state, by) values (new.id, 'task',
      case when new.status <> 'in_progress' then new.status when old.status = 'pending_confirmation' then 'confirmed' else 'resumed' end,
      case when old.status = 'pending_confirmation' and new.status in ('in_progress', 'rejected') then new.decided_by
        when new.status = 'cancelled' then new.ended_by end);
  end if;
  return null;
end $$;

-- Each phase of a session is kept, with who approved its plan.
create or replace function verne.keep_session_history() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' or new.phase <> old.phase then
    insert into verne.history (task_id, noun, state, by) values (new.task_id, 'session', new.phase,
      case when new.phase = 'approving' then new.approved_by end);
  end if;
  return null;
end $$;

-- Jules may make several plans, of which a renewed session keeps none.
create or replace function verne.keep_plan_history() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into verne.history (task_id, noun, state) values (new.task_id, 'plan', 'made');
  return null;
end $$;

reset check_function_bodies;
