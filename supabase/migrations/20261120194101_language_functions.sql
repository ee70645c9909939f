set check_function_bodies = off;

-- What a subject has to show: its cards always, its notes until they are sent or parked. In the order they were added; and
-- the language of their server.
create or replace function public.read_messages(subject text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('now', verne.now(),
    'language', verne.language_of(verne.server_of(read_messages.subject, coalesce(jsonb_agg(m.facts order by m.seq) -> 0, '{}'))),
    'messages', coalesce(jsonb_agg(to_jsonb(m) - 'seq' - 'subject' - 'dedupe' order by m.seq), '[]'))
  from verne.messages m
  where m.subject = read_messages.subject and (m.kind = 'card' or m.message_id is null and m.parked_reason is null)
$$;
revoke all on function public.read_messages from public, anon, authenticated;
grant execute on function public.read_messages to service_role, verne_worker;

-- Changes the settings named in `changes` and leaves the rest: create_roles, confirm_roles, default_repo, default_branch,
-- approver_notice, approver_people, approvals_needed, self_approval, expire_hours, key_rule, plan_review, language.
create or replace function public.change_settings(actor jsonb, changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare gate jsonb := verne.authorise(actor, 'settings.change', changes);
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  update public.guilds g set
    permissions = g.permissions
      || case when changes ? 'create_roles' then jsonb_build_object('create_roles', changes -> 'create_roles') else '{}' end
      || case when changes ? 'confirm_roles' then jsonb_build_object('confirm_roles', changes -> 'confirm_roles') else '{}' end,
    default_repo = case when changes ? 'default_repo' then changes ->> 'default_repo' else g.default_repo end,
    default_branch = coalesce(changes ->> 'default_branch', g.default_branch),
    approver_notice = coalesce(changes ->> 'approver_notice', g.approver_notice),
    approver_people = case when changes ? 'approver_people'
      then array(select jsonb_array_elements_text(changes -> 'approver_people')) else g.approver_people end,
    approvals_needed = coalesce((changes ->> 'approvals_needed')::int, g.approvals_needed),
    self_approval = coalesce((changes ->> 'self_approval')::boolean, g.self_approval),
    expire_hours = coalesce((changes ->> 'expire_hours')::int, g.expire_hours),
    key_rule = coalesce(changes ->> 'key_rule', g.key_rule),
    plan_review = coalesce((changes ->> 'plan_review')::boolean, g.plan_review),
    language = coalesce(changes ->> 'language', g.language)
  where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.change', 'allowed', changes);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_settings from public, anon, authenticated;
grant execute on function public.change_settings to service_role, verne_worker;

-- The language of a server, by its Discord id; English where it is not known.
create or replace function verne.language_of(guild_id text) returns text
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((select g.language from public.guilds g where g.guild_id = language_of.guild_id), 'en');
end $$;

-- The server's settings as its members may see them; a key only as its last four.
create or replace function public.read_settings(actor jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare gate jsonb := verne.authorise(actor, 'settings.read'); guild public.guilds;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into guild from public.guilds g where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.read', 'allowed');
  return jsonb_build_object('kind', 'settings', 'revision', guild.revision,
    'create_roles', guild.permissions -> 'create_roles', 'confirm_roles', guild.permissions -> 'confirm_roles',
    'default_repo', guild.default_repo, 'default_branch', guild.default_branch, 'repos', gate -> 'repos',
    'notice', gate -> 'notice', 'language', guild.language, 'plans', gate -> 'plans', 'may_change', verne.may(actor, 'settings.change', guild) is true,
    'key_in_use', gate -> 'key', 'policy', (gate -> 'policy') || jsonb_build_object('key_rule', guild.key_rule),
    'paused', case when guild.paused_at is not null then jsonb_build_object('by', guild.paused_by, 'since', guild.paused_at) end,
    'keys', (select coalesce(jsonb_agg(jsonb_build_object('owner', case when k.owner_id is null then 'server' else 'person' end,
        'last4', k.last4, 'added_at', k.added_at, 'used_at', k.used_at, 'role', k.role_id, 'channel', k.channel_id, 'problem', k.problem,
        'plan', a.plan, 'per_day', a.per_day, 'at_once', a.at_once) order by k.owner_id is null, k.added_at), '[]')
      from verne.keys k join verne.accounts a on a.id = k.account_id where k.revoked_at is null and (k.guild_id = guild.guild_id or k.owner_id = actor ->> 'id')),
    'channels', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'repo', r.repo, 'branch', r.branch) order by r.id), '[]')
      from verne.repo_choices r where r.guild_id = guild.guild_id and r.kind = 'channel'),
    'grants', (select coalesce(jsonb_agg(to_jsonb(g) - 'id' - 'guild_id' order by g.role_id, g.role, g.operation), '[]')
      from verne.grants g where g.guild_id = guild.guild_id),
    'allow', (select coalesce(jsonb_object_agg(l.kind, l.patterns), '{}') from (
      select l.kind, jsonb_agg(l.pattern order by l.pattern) as patterns from verne.allow_lists l where l.guild_id = guild.guild_id group by l.kind) l),
    'budgets', (select coalesce(jsonb_agg(to_jsonb(b) - 'guild_id' order by b.kind, b.id), '[]')
      from verne.budgets b where b.guild_id = guild.guild_id));
end $$;
revoke all on function public.read_settings from public, anon, authenticated;
grant execute on function public.read_settings to service_role, verne_worker;

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
    insert into public.guilds (guild_id, name, language) values (actor ->> 'guild', actor ->> 'guild_name', coalesce(actor ->> 'guild_language', 'en'))
    on conflict (guild_id) do nothing;
    select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
    guild := verne.name_installer(actor, guild);
  end if;
  -- A command is offered only where the bot is, so it was added again: by this a process without the gateway knows. What was
  -- under way at the removal is over after five seconds. A press tells nothing: it may be on a message from before.
  if guild.left_at < verne.now() - interval '5 seconds' and actor ->> 'door' in ('gateway', 'http') and actor ->> 'command' like '/%' then
    perform verne.return_guild(guild.guild_id);
    guild.left_at := null;
  end if;
  return guild;
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
  update verne.instructions i set text = '(forgotten)', author = nobody, problem = null
  where i.author = forget_tasks.person or i.task_id = any (own);
  delete from verne.activities a where a.task_id = any (own);
  delete from verne.patches p where p.task_id = any (own);
  delete from verne.plans p where p.task_id = any (own);
  update verne.sessions s set progress = '{}' where s.task_id = any (own) and s.progress <> '{}';
  return jsonb_build_object('own', (select coalesce(jsonb_agg('task:' || id), '[]') from unnest(own) id),
    'others', (select coalesce(jsonb_agg('task:' || id), '[]') from unnest(others) id));
end $$;

-- Whether a finished session can be told to go on: Jules has it, it was not archived, and its key is still there.
create or replace function verne.goes_on(session verne.sessions) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return session.name is not null and session.archived_at is null and session.deleted_at is null
    and (verne.find_key(session.key_id)).id is not null;
end $$;

-- Why a task's session takes no instruction of this kind now; null where it does. What was asked or planned meanwhile, and
-- who answered it first, is told instead of being passed on.
create or replace function verne.instruction_refused(task public.tasks, wish jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  session verne.sessions;
  earlier verne.instructions;
  open text; -- what a wish of this kind may be about now
begin
  select * into session from verne.sessions s where s.task_id = task.id;
  select * into earlier from verne.instructions i
  where i.task_id = task.id and i.about = wish ->> 'about' and i.kind = wish ->> 'kind' and i.state <> 'refused';
  open := case wish ->> 'kind' when 'answer' then verne.open_question(session) when 'nudge' then verne.open_silence(session)
    when 'publish' then verne.pull_request_wanting(task, session) end;
  return case
    when task.status = 'pending_confirmation' then jsonb_build_object('kind', 'not_started')
    when task.status not in ('in_progress', 'completed') or session.archived_at is not null or session.deleted_at is not null then jsonb_build_object('kind', 'too_late')
    when wish ->> 'kind' = 'answer' and (wish ->> 'about' = open) is not true then jsonb_build_object('kind', 'stale_question')
    when wish ->> 'kind' in ('nudge', 'publish') and (wish ->> 'about' = open) is not true then jsonb_build_object('kind', 'moved_on')
    when wish ->> 'kind' = 'changes' and (session.phase in ('plan_review', 'approving') and wish ->> 'about' = left(verne.newest_plan(task.id), 12)) is not true
      then jsonb_build_object('kind', 'stale_plan')
    when wish ->> 'kind' = 'changes' and session.approved_hash = verne.newest_plan(task.id) then jsonb_build_object('kind', 'plan_approved', 'by', session.approved_by)
    when earlier.id is not null then jsonb_build_object('kind', 'answered', 'by', earlier.author)
    when (select count(*) from verne.instructions i where i.task_id = task.id and i.state = 'waiting') >= 20 then jsonb_build_object('kind', 'too_many')
  end;
end $$;

-- The first instruction of a task that still has to be sent, and what its sender needs of the session; null where there is none.
create or replace function public.read_instruction(task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('id', i.id, 'kind', i.kind, 'text', i.text, 'marker', i.marker, 'attempts', i.attempts,
      'attempted_at', i.attempted_at, 'status', t.status, 'name', s.name, 'key_id', s.key_id, 'phase', s.phase,
      'jules_state', s.jules_state, 'archived', s.archived_at is not null, 'paused', verne.is_paused(s.tenant))
    from verne.instructions i join public.tasks t on t.id = i.task_id left join verne.sessions s on s.task_id = t.id
    where i.task_id = read_instruction.task_id::uuid and i.state = 'waiting'
    -- A nudge is about a session that takes nothing else.
    order by i.attempted_at is null, i.kind <> 'nudge', i.created_at, i.id limit 1);
end $$;
revoke all on function public.read_instruction from public, anon, authenticated;
grant execute on function public.read_instruction to service_role, verne_worker;

-- Reminds people of what waits for them: `first_ms` after it began to wait, then every `again_ms`; first those it waits for,
-- from the second time on the approvers as well. Of a silent session its requester alone hears: at once, and once again. Gives back until when it is silent, or that nothing waits.
create or replace function public.remind_task(task_id text, first_ms bigint, again_ms bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  is_silence boolean;
  task public.tasks;
  waits jsonb;
  notice jsonb;
  nth int;
  due timestamptz;
begin
  select * into task from public.tasks t where t.id = remind_task.task_id::uuid for update;
  waits := verne.waits_for(task, (select s from verne.sessions s where s.task_id = task.id));
  if waits is null then
    return jsonb_build_object('kind', 'nothing');
  end if;
  is_silence := waits ->> 'what' = 'silence';
  first_ms := case when is_silence then 0 else first_ms end;
  nth := floor(greatest(0, extract(epoch from verne.now() - (waits ->> 'since')::timestamptz) * 1000 - first_ms) / again_ms)::int;
  due := (waits ->> 'since')::timestamptz + (first_ms + nth * again_ms) * interval '1 millisecond';
  if is_silence and nth > 1 then
    return jsonb_build_object('kind', 'nothing');
  end if;
  if due <= verne.now() then
    notice := verne.standing_notice(task.guild_id);
    perform verne.add_message('task:' || task.id, 'note', case when is_silence then 'silence' else 'reminder' end, jsonb_build_object('place', 'channel', 'id', task.channel_id),
      waits || jsonb_build_object('guild_id', notice -> 'guild_id', 'mention', jsonb_build_object(
        'people', case when waits ->> 'whom' = 'requester' then jsonb_build_array(task.discord_user_id) else '[]' end
          || case when waits ->> 'whom' = 'approvers' or nth > 0 and not is_silence then notice -> 'people' else '[]' end,
        'roles', case when waits ->> 'whom' = 'approvers' or nth > 0 and not is_silence then notice -> 'roles' else '[]' end)),
      'task:' || task.id || ':reminder:' || extract(epoch from (waits ->> 'since')::timestamptz) || ':' || nth);
    perform verne.publish_event('task.reminded', 'task:' || task.id, jsonb_build_object('what', waits -> 'what'),
      jsonb_build_object('tenant', notice ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
    due := due + again_ms * interval '1 millisecond';
  end if;
  return jsonb_build_object('kind', 'waits', 'until', due);
end $$;
revoke all on function public.remind_task from public, anon, authenticated;
grant execute on function public.remind_task to service_role, verne_worker;

-- What may be asked of a task's session now, beside the verbs of the task itself.
create or replace function verne.session_verbs(task public.tasks, session verne.sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(given.verb), '[]') from (values
      ('edit', task.status = 'pending_confirmation'),
      ('approve_plan', session.phase = 'plan_review' and task.status = 'in_progress' and verne.newest_plan(task.id) is not null),
      ('ask_changes', session.phase = 'plan_review' and task.status = 'in_progress' and verne.newest_plan(task.id) is not null),
      ('answer', task.status = 'in_progress' and verne.open_question(session) is not null),
      ('reply', task.status = 'in_progress' and session.name is not null and session.phase in ('working', 'paused', 'unknown', 'finishing')),
      ('nudge', task.status = 'in_progress' and verne.open_silence(session) is not null
        and not verne.was_told(task.id, 'nudge', verne.open_silence(session))),
      ('publish', verne.pull_request_wanting(task, session) is not null
        and not verne.was_told(task.id, 'publish', verne.pull_request_wanting(task, session))),
      ('get_patch', task.pr_url is null and exists (select from verne.patches p where p.task_id = task.id)
        and (task.status <> 'in_progress' or session.phase in ('paused', 'unknown') or verne.open_silence(session) is not null)),
      ('follow_up', task.status = 'completed'),
      ('retry', task.status in ('failed', 'cancelled', 'expired', 'rejected') or task.status = 'completed' and task.pr_url is null),
      ('plan_again', task.status = 'in_progress' and session.phase = 'plan_expired')) given(verb, holds)
    where given.holds is true);
end $$;

-- What of a task waits for people, and since when; null where nothing does. `whom`: 'approvers' or 'requester'.
create or replace function verne.waits_for(task public.tasks, session verne.sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return case
    when task.status = 'pending_confirmation' then jsonb_build_object('what', 'decision', 'whom', 'approvers', 'since', task.created_at)
    when task.status <> 'in_progress' or session.ended_at is not null then null
    when session.phase = 'plan_review' then jsonb_build_object('what', 'plan', 'whom', 'approvers', 'since', session.phase_since)
    when session.phase = 'plan_expired' then jsonb_build_object('what', 'plan_again', 'whom', 'requester', 'since', session.phase_since)
    -- An answer that is on its way is one.
    when session.phase = 'needs_input' and not exists (
      select from verne.instructions i where i.task_id = task.id and i.state = 'waiting')
      then jsonb_build_object('what', 'answer', 'whom', 'requester', 'since', session.phase_since)
    when session.silent_at is not null then jsonb_build_object('what', 'silence', 'whom', 'requester', 'since', session.silent_at,
      'phase', session.phase, 'said_done', session.progress -> 'said_done', 'last_sign', coalesce(session.moved_at, session.opened_at))
  end;
end $$;

reset check_function_bodies;
