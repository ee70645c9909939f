-- When a server (or '', the whole service) was paused, so that those hours do not count for what waits for a decision.
create table verne.pauses (
  id bigint generated always as identity primary key,
  guild_id text not null,
  since timestamptz not null,
  until timestamptz constraint a_pause_ends_after_it_began check (until >= since)
);
create index pauses_by_guild on verne.pauses (guild_id, since);
create unique index one_pause_at_a_time on verne.pauses (guild_id) where until is null;
insert into verne.pauses (guild_id, since)
select g.guild_id, g.paused_at from public.guilds g where g.paused_at is not null
union all select '', s.paused_at from verne.service s where s.paused_at is not null;

set check_function_bodies = off;

-- For how long, since an instant, a server stood still: in pauses of its own and of the service, those that last included.
create or replace function verne.paused_since(guild_id text, since timestamptz) returns interval
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare instant timestamptz := verne.now();
begin
  return (
    select coalesce(sum(upper(still) - lower(still)), '0') from unnest((
      select range_agg(tstzrange(greatest(p.since, paused_since.since), coalesce(p.until, instant))) from verne.pauses p
      where p.guild_id in (paused_since.guild_id, '') and coalesce(p.until, instant) > greatest(p.since, paused_since.since))) still);
end $$;

-- Whether a server, or the whole service, is paused. One that the bot was removed from is not: its hours go on.
create or replace function verne.stands_still(guild_id text) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return exists (select from verne.pauses p where p.guild_id in (stands_still.guild_id, '') and p.until is null);
end $$;

-- Keeps when a server (or '', the service) was paused: those hours do not count for what waits for a decision. A trigger, so
-- that whoever pauses keeps it.
create or replace function verne.note_pause() returns trigger
language plpgsql security definer set search_path = '' as $$
declare server text := coalesce(to_jsonb(new) ->> 'guild_id', '');
begin
  if new.paused_at is null then
    update verne.pauses p set until = greatest(verne.now(), p.since) where p.guild_id = server and p.until is null;
  elsif old.paused_at is null then
    insert into verne.pauses (guild_id, since) values (server, new.paused_at);
  end if;
  return null;
end $$;

-- Whether an act is in a channel: where it is done, or, where `scope` says in which channel what it is about was asked for,
-- there. Of a thread its channel counts, as far as the interaction shows it.
create or replace function verne.acts_in(actor jsonb, scope jsonb, channel_id text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare place text := coalesce(scope ->> 'channel', actor ->> 'channel');
begin
  return acts_in.channel_id = place or acts_in.channel_id = actor ->> 'parent_channel' and place = actor ->> 'channel';
end $$;

-- What of a wish is outside what a server keeps to: 'channel', 'repo' or 'branch' with what is allowed; null where nothing is.
create or replace function verne.out_of_bounds(actor jsonb, scope jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare broken text;
begin
  select l.kind into broken from verne.allow_lists l where l.guild_id = actor ->> 'guild'
  group by l.kind having not bool_or(case l.kind
    when 'channel' then verne.acts_in(actor, scope, l.pattern)
    when 'repo' then scope ->> 'repo' is null or verne.fits(lower(scope ->> 'repo'), lower(l.pattern))
    else scope ->> 'branch' is null or verne.fits(scope ->> 'branch', l.pattern) end) is true
  order by l.kind limit 1;
  if broken is null then
    return null;
  end if;
  return jsonb_build_object('kind', 'out_of_bounds', 'what', broken, 'allowed', (
    select jsonb_agg(l.pattern order by l.pattern) from verne.allow_lists l
    where l.guild_id = actor ->> 'guild' and l.kind = broken));
end $$;

-- Whether one of an actor's roles was granted an operation here. `scope` (repo, branch, channel) is what is known of where;
-- what is not known yet is asked again when it is. A null scope is everywhere: only a grant without limits is as wide.
create or replace function verne.granted(actor jsonb, operation text, scope jsonb) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return exists (
    select from verne.grants_for(actor ->> 'guild', granted.operation) g
    where actor -> 'roles' ? g.role_id
      and (scope is not null or num_nonnulls(g.repo, g.branch, g.channel_id) = 0)
      and (g.channel_id is null or verne.acts_in(actor, scope, g.channel_id))
      and (g.repo is null or scope ->> 'repo' is null or verne.fits(lower(scope ->> 'repo'), lower(g.repo)))
      and (g.branch is null or scope ->> 'branch' is null or verne.fits(scope ->> 'branch', g.branch)));
end $$;

-- Why nothing new begins here for this actor now: a pause, or what the server keeps to; null where it may. It is asked when
-- something is asked for and again when it is confirmed, since a server may have closed a repository meanwhile.
create or replace function verne.may_not_begin(actor jsonb, guild public.guilds, scope jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return case when verne.is_paused(guild.guild_id) then jsonb_build_object('kind', 'paused', 'by', guild.paused_by, 'since', guild.paused_at)
    else verne.out_of_bounds(actor, scope) end;
end $$;

-- Why the gate would refuse this actor now, or null: for a door that asks for more before it acts. It takes, makes and audits
-- nothing. `scope` is what is known of what it would act on, as for the gate.
create or replace function verne.would_refuse(actor jsonb, operation text, scope jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  return case
    when actor ->> 'guild' is null then jsonb_build_object('kind', 'not_in_a_server')
    when verne.too_fast(actor, false) is not null then verne.too_fast(actor, false) - 'key'
    when verne.may(actor, would_refuse.operation, guild, scope) is not true then
      verne.needed_roles(actor, would_refuse.operation, guild)
    when scope ->> 'verb' = 'confirm' then verne.may_not_begin(actor, guild, scope) end;
end $$;

-- The one gate: the first statement of every function that acts for a person. Answers {kind: allowed} with what applies to
-- the actor, or why not; a refusal is audited here. `scope` is what is known of what it acts on: repo, branch, channel,
-- and the verb of a decision. Whoever may can refuse or end something in a pause too.
create or replace function verne.authorise(actor jsonb, operation text, args jsonb default '{}', scope jsonb default '{}') returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  guild public.guilds;
  refusal jsonb := case when actor ->> 'guild' is null then jsonb_build_object('kind', 'not_in_a_server') end;
begin
  if authorise.operation = 'guild.pause' then
    select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  end if;
  -- A decision has taken its own before it locked the task's account. The kill switch works in a flood too: whoever may
  -- turn it is not counted.
  if refusal is null and authorise.operation not in ('task.confirm', 'task.cancel', 'task.withdraw')
    and (authorise.operation = 'guild.pause' and verne.may(actor, 'guild.pause', guild)) is not true then
    refusal := verne.take_rate(actor, authorise.operation, args);
    if refusal is not null then
      return refusal;
    end if;
  end if;
  if refusal is null then
    guild := verne.touch_guild(actor);
    if authorise.operation not like 'task.%' then -- a task's account is locked before the server's row, which this locks
      guild := verne.name_installer(actor, guild);
    end if;
  end if;
  refusal := case
    when refusal is not null then refusal
    when verne.may(actor, authorise.operation, guild, scope) is not true then verne.needed_roles(actor, authorise.operation, guild)
    when authorise.operation = 'task.create' or scope ->> 'verb' = 'confirm' then verne.may_not_begin(actor, guild, scope) end;
  if refusal is not null then
    perform verne.append_audit(actor, authorise.operation, 'refused: ' || (refusal ->> 'kind'), args);
    return refusal;
  end if;
  return jsonb_build_object('kind', 'allowed') || verne.standing(actor, guild);
end $$;

-- When a task that waits for a decision expires. While a pause lasts nobody can confirm it, so its hours stand still.
create or replace function verne.waits_until(task public.tasks) returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
  return case when task.status = 'pending_confirmation'
    then task.expires_at + verne.paused_since(verne.tenant_of(task.guild_id), task.created_at) else task.expires_at end;
end $$;

-- Confirm, reject or cancel: one winner. The loser is told what the task is by now and who decided it. Where a server asks
-- for more than one approval, a confirmation counts as one until there are enough. After its hours a task has expired,
-- whether or not somebody has noticed yet.
create or replace function public.decide_task(actor jsonb, task_id text, verb text, reason text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'verb', verb, 'has_reason', reason is not null);
  operation text := case when verb = 'cancel' then 'task.cancel' else 'task.confirm' end;
  gate jsonb := verne.take_rate(actor, operation, args); -- before any other lock
  task public.tasks;
  move verne.transitions;
begin
  if gate is not null then
    return gate;
  end if;
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = decide_task.task_id::uuid;
  select * into task from public.tasks t where t.id = decide_task.task_id::uuid for update;
  -- Whoever asked may withdraw what they asked; everything else needs the operation's role.
  operation := case when verb = 'cancel' and task.discord_user_id = actor ->> 'id' then 'task.withdraw' else operation end;
  gate := verne.authorise(actor, operation, args, jsonb_build_object('verb', verb)
    || case when verne.tenant_of(task.guild_id) = actor ->> 'guild' -- of another server's task nothing is known here
      then jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id) else '{}' end);
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if task.guild_id = (gate ->> 'guild')::uuid and verne.let_expire(task) then
    task.status := 'expired';
  end if;
  select * into move from verne.transitions m
  where m.noun = 'task' and m.from_state = task.status and m.verb = decide_task.verb and m.operation is not null;
  gate := gate || jsonb_build_object('kind', case
    when task.guild_id is distinct from (gate ->> 'guild')::uuid then 'unknown_task'
    when move.verb is null and verne.just_decided(task, verb, actor ->> 'id') then 'again'
    when move.verb is null then 'too_late'
    when verb = 'confirm' then verne.count_approval(task, actor ->> 'id')
    else 'decided' end);
  if gate ->> 'kind' is not distinct from 'decided' then
    perform verne.move_task(actor, task, move, reason);
  elsif gate ->> 'kind' is not distinct from 'counted' then
    perform verne.publish_event('task.updated', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
      jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  if (gate ->> 'kind' in ('again', 'counted_before')) is not true then -- a press that came twice is one press
    perform verne.append_audit(actor, operation,
      case when gate ->> 'kind' in ('decided', 'counted') then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  end if;
  return jsonb_build_object('kind', case gate ->> 'kind' when 'again' then 'decided' when 'counted_before' then 'counted' else gate ->> 'kind' end)
    || case when gate ->> 'kind' is distinct from 'unknown_task' then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
end $$;
revoke all on function public.decide_task from public, anon, authenticated;
grant execute on function public.decide_task to service_role, verne_worker;

-- What decide_task would answer now, for a door that opens a dialog first. It makes, changes and audits nothing: a task
-- whose hours are over has expired, whether or not anything has noticed yet.
create or replace function public.may_decide(actor jsonb, task_id text, verb text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  refusal jsonb;
begin
  -- Of another server's task nothing is known here, not even which repository it is about.
  select * into task from public.tasks t
  where t.id = may_decide.task_id::uuid and t.guild_id = (verne.standing_of(actor) ->> 'guild')::uuid;
  refusal := verne.would_refuse(actor,
    case when verb <> 'cancel' then 'task.confirm' when task.discord_user_id = actor ->> 'id' then 'task.withdraw' else 'task.cancel' end,
    jsonb_build_object('verb', verb, 'repo', task.repo, 'branch', task.branch, 'channel', task.channel_id));
  if refusal is not null then
    return refusal;
  end if;
  if task.id is null then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  if task.status = 'pending_confirmation' and verne.waits_until(task) <= verne.now() then
    return jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id) || '{"status": "expired", "verbs": []}');
  end if;
  if not exists (select from verne.transitions m
    where m.noun = 'task' and m.from_state = task.status and m.verb = may_decide.verb and m.operation is not null) then
    return jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id));
  end if;
  return jsonb_build_object('kind', 'allowed');
end $$;
revoke all on function public.may_decide from public, anon, authenticated;
grant execute on function public.may_decide to service_role, verne_worker;

-- Ends the wait of a task, whose row the caller holds, where its time is over: it expires, and its requester is told.
create or replace function verne.let_expire(task public.tasks) returns boolean
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare tenant text;
begin
  if (task.status = 'pending_confirmation' and verne.waits_until(task) <= verne.now()) is not true then
    return false;
  end if;
  update public.tasks t set status = 'expired' where t.id = task.id;
  tenant := verne.tenant_of(task.guild_id);
  perform verne.publish_event('task.expired', 'task:' || task.id, '{}',
    jsonb_build_object('tenant', tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.add_message('task:' || task.id, 'note', 'expiry', jsonb_build_object('place', 'channel', 'id', task.channel_id),
    jsonb_build_object('guild_id', tenant), 'task:' || task.id || ':expiry');
  perform verne.append_audit(jsonb_build_object('id', 'verne', 'door', 'worker', 'command', 'expire task', 'guild', tenant,
      'channel', task.channel_id, 'correlation', task.correlation_id),
    'task.expire', 'allowed', jsonb_build_object('task', task.id, 'number', task.number));
  return true;
end $$;

-- A task that nobody decided in time expires. Else: until when it waits, or that it does not wait (any more). Of one that stands
-- still in a pause that instant moves, so it is asked again, at most once a minute.
create or replace function public.expire_task(task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare task public.tasks;
begin
  select * into task from public.tasks t where t.id = expire_task.task_id::uuid for update;
  if verne.let_expire(task) then
    return jsonb_build_object('kind', 'expired');
  end if;
  return case when task.status = 'pending_confirmation' and task.expires_at is not null then
    jsonb_build_object('kind', 'waits', 'until', greatest(verne.waits_until(task),
      case when verne.stands_still(verne.tenant_of(task.guild_id)) then verne.now() + interval '1 minute' end))
    else jsonb_build_object('kind', 'over') end;
end $$;
revoke all on function public.expire_task from public, anon, authenticated;
grant execute on function public.expire_task to service_role, verne_worker;

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

-- The end of a pause, of one server or of all (`every`): what waited is admitted, what was opened goes on. At the beginning
-- of one only the cards of what it holds are told; those of the queue look by themselves. What waits for a decision has its
-- hours kept by a pause, so its card is told both times.
create or replace function public.resume_guild(guild_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare waiting record;
begin
  -- Whoever writes of many tasks has their accounts first, in one order; facts of tasks come before those of accounts.
  perform verne.lock_account(a.account_id) from (
    select s.account_id from verne.sessions s where s.ended_at is null and resume_guild.guild_id in (s.tenant, 'every')
    union
    select t.account_id from public.tasks t
    where t.status = 'pending_confirmation' and resume_guild.guild_id in (verne.tenant_of(t.guild_id), 'every')
    order by account_id) a;
  for waiting in
    select s.task_id, s.tenant, s.phase, verne.is_paused(s.tenant) as held from verne.sessions s
    where s.ended_at is null and s.phase <> 'queued' and resume_guild.guild_id in (s.tenant, 'every')
    union all
    select t.id, g.tenant, 'undecided', false from public.tasks t cross join lateral (select verne.tenant_of(t.guild_id) as tenant) g
    where t.status = 'pending_confirmation' and resume_guild.guild_id in (g.tenant, 'every')
    order by task_id
  loop
    continue when waiting.held and waiting.phase not in ('opening', 'approving');
    perform verne.publish_event(case when waiting.phase = 'undecided' then 'task.updated' when waiting.held then 'session.delayed'
        when waiting.phase = 'opening' then 'task.admitted' else 'session.moved' end,
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

reset check_function_bodies;

create trigger note_pause after update of paused_at on public.guilds for each row execute function verne.note_pause();
create trigger note_pause after update of paused_at on verne.service for each row execute function verne.note_pause();
