set check_function_bodies = off;

-- Something is to be shown: a card, kept true by editing, or a note, sent once. `at`: {place: channel | thread | dm, id}.
-- A known dedupe key changes nothing.
create or replace function verne.add_message(subject text, kind text, view text, at jsonb, facts jsonb, dedupe text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  insert into verne.messages (subject, kind, view, place, place_id, facts, dedupe)
  values (add_message.subject, add_message.kind, add_message.view, at ->> 'place', at ->> 'id', coalesce(add_message.facts, '{}'), add_message.dedupe)
  on conflict do nothing;
end $$;

-- Whether a fact with this dedupe key was published before.
create or replace function verne.known_event(tenant text, dedupe text) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select exists (select from verne.events e where e.dedupe = known_event.dedupe and e.tenant is not distinct from known_event.tenant));
end $$;

-- What a Jules account allows: sessions in any 24 hours, and at once.
create or replace function verne.account_limits(account_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('per_day', a.per_day, 'at_once', a.at_once) from verne.accounts a where a.id = account_limits.account_id);
end $$;

-- Whether a stored key can still be used: it was not revoked, or its owner entered one of the same account in its stead.
create or replace function verne.key_opens(key_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select public.read_key(key_opens.key_id::text) is not null);
end $$;

-- Whether the actor's roles allow an operation. Until roles are set only Manage Server may; a confirm role implies create.
-- Asked with `is true`: null refuses.
create or replace function verne.may(actor jsonb, operation text, guild public.guilds) returns boolean
language plpgsql immutable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    with allowed as (select
      coalesce(case when jsonb_array_length(guild.permissions -> 'confirm_roles') = 0 then (actor ->> 'admin')::boolean
        else exists (select from jsonb_array_elements_text(guild.permissions -> 'confirm_roles') role(id) where actor -> 'roles' ? role.id) end, false) as confirm,
      coalesce(case when jsonb_array_length(guild.permissions -> 'create_roles') = 0 then (actor ->> 'admin')::boolean
        else exists (select from jsonb_array_elements_text(guild.permissions -> 'create_roles') role(id) where actor -> 'roles' ? role.id) end, false) as create)
    select actor ->> 'guild' = guild.guild_id and case operation
      when 'task.create' then allowed.create or allowed.confirm
      when 'task.confirm' then allowed.confirm
      when 'task.cancel' then allowed.confirm
      when 'task.read' then true
      when 'task.withdraw' then true -- asked only for one's own
      when 'settings.read' then true
      when 'settings.change' then (actor ->> 'admin')::boolean
      when 'own.change' then true
      else false end
    from allowed);
end $$;

-- The short number of a server's next task, by which people name it.
create or replace function verne.next_task_number(guild uuid) returns int
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare number int;
begin
  update public.guilds g set last_task_number = g.last_task_number + 1 where g.id = next_task_number.guild
  returning g.last_task_number into number;
  return number;
end $$;

-- A sealed key with what its seal is bound to, or the one that its owner entered in its stead for the same Jules
-- account; null where it was revoked. For the keyring alone.
create or replace function public.read_key(key_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('id', k.id, 'guild_id', k.guild_id, 'owner_id', k.owner_id, 'sealed', k.sealed,
      'wrapped', k.wrapped, 'kek_version', k.kek_version, 'last4', k.last4, 'account', k.account_id)
    from verne.keys asked join verne.keys k on k.account_id = asked.account_id and k.revoked_at is null
      and k.guild_id is not distinct from asked.guild_id and k.owner_id is not distinct from asked.owner_id
    where asked.id = read_key.key_id::uuid);
end $$;
revoke all on function public.read_key from public, anon, authenticated;
grant execute on function public.read_key to service_role, verne_worker;

-- What applies to this actor in this server: key, repository, who is told of pending tasks.
create or replace function verne.standing(actor jsonb, guild public.guilds) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object(
      'guild', guild.id, 'guild_id', guild.guild_id,
      'user', (select u.id from public.users u where u.discord_id = actor ->> 'id'),
      'may_confirm', verne.may(actor, 'task.confirm', guild) is true,
      'confirm_roles', guild.permissions -> 'confirm_roles', 'create_roles', guild.permissions -> 'create_roles',
      'notice', jsonb_build_object('how', guild.approver_notice, 'people', guild.approver_people,
        'roles', guild.permissions -> 'confirm_roles'),
      'key', (select jsonb_build_object('id', k.id, 'account', k.account_id, 'last4', k.last4,
          'owner', case when k.owner_id is null then 'server' else 'person' end)
        from verne.keys k where k.revoked_at is null and (k.owner_id = actor ->> 'id' or k.guild_id = guild.guild_id)
        order by k.owner_id is null limit 1),
      'repos', (select coalesce(jsonb_agg(jsonb_build_object('from', c.source, 'repo', c.repo, 'branch', c.branch) order by c.rank), '[]')
        from (
          select 1 as rank, 'person' as source, r.repo, r.branch from verne.repo_choices r
          where r.guild_id = guild.guild_id and r.kind = 'person' and r.id = actor ->> 'id'
          union all
          select 2, 'channel', r.repo, r.branch from verne.repo_choices r
          where r.guild_id = guild.guild_id and r.kind = 'channel' and r.id in (actor ->> 'channel', actor ->> 'parent_channel')
          union all
          select 3, 'server', guild.default_repo, guild.default_branch where guild.default_repo is not null) c)));
end $$;

-- The standing of an actor without acting: nothing is made, nothing is audited. Null where the server is unknown.
create or replace function verne.standing_of(actor jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select verne.standing(actor, g) || jsonb_build_object('may_create', verne.may(actor, 'task.create', g) is true)
    from public.guilds g where g.guild_id = actor ->> 'guild');
end $$;

-- Whoever follows a task in its thread learns there too how it ended.
create or replace function verne.close_thread(task public.tasks, facts jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.add_message('task:' || task.id, 'note', 'closing', jsonb_build_object('place', 'thread', 'id', task.channel_id),
    close_thread.facts, 'task:' || task.id || ':closing:' || coalesce(close_thread.facts ->> 'pr_url', close_thread.facts ->> 'phase'));
end $$;

-- Whoever may admit tasks takes their account first, before any task: two who went the other way round would wait for
-- each other for ever.
create or replace function verne.lock_account(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(hashtextextended('admission:' || lock_account.account_id, 7));
end $$;

-- A queued session's place, 1 = next; null where it is not queued.
create or replace function verne.queue_place(session verne.sessions) returns int
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select case when session.phase = 'queued' and session.admitted_at is null and session.ended_at is null then
      (select count(*)::int from verne.sessions s where s.account_id = session.account_id and s.phase = 'queued'
        and s.admitted_at is null and s.ended_at is null and s.queued_at <= session.queued_at) end);
end $$;

-- A task for whoever must show it; null where there is none. For workers, who act for nobody.
create or replace function public.read_task(task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select verne.task_view(read_task.task_id::uuid));
end $$;
revoke all on function public.read_task from public, anon, authenticated;
grant execute on function public.read_task to service_role, verne_worker;

-- What a worker needs to open or follow a task's session; null where the task has none.
create or replace function public.read_work(task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
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
    where t.id = read_work.task_id::uuid);
end $$;
revoke all on function public.read_work from public, anon, authenticated;
grant execute on function public.read_work to service_role, verne_worker;

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
        'queue_place', verne.queue_place(s), 'moved_at', s.moved_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
        'ended_at', s.ended_at, 'recreated', s.recreated) end,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      'verbs', (select coalesce(jsonb_agg(m.verb order by m.verb), '[]') from verne.transitions m
        where m.noun = 'task' and m.from_state = t.status and m.operation is not null),
      'now', verne.now())
    from public.tasks t left join verne.sessions s on s.task_id = t.id
    where t.id = task_view.task_id);
end $$;

-- Named people hear by direct message of a task that waits for them, where the server has set it so. A mention, the
-- other way, is made when the card is posted.
create or replace function verne.tell_approvers(task public.tasks, standing jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.add_message('task:' || task.id, 'note', 'approval', jsonb_build_object('place', 'dm', 'id', person.id),
    jsonb_build_object('guild_id', standing -> 'guild_id'), 'task:' || task.id || ':approval:' || person.id)
  from jsonb_array_elements_text(standing -> 'notice' -> 'people') person(id)
  where standing -> 'notice' ->> 'how' = 'dm';
end $$;

reset check_function_bodies;
