set check_function_bodies = off;

-- Changes the settings named in `changes` and leaves the rest: create_roles, confirm_roles, default_repo,
-- default_branch, approver_notice, approver_people.
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
      then array(select jsonb_array_elements_text(changes -> 'approver_people')) else g.approver_people end
  where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.change', 'allowed', changes);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_settings from public, anon, authenticated;
grant execute on function public.change_settings to service_role, verne_worker;

-- Sets, or with a null repo forgets, the repository that a person or a channel uses when none is named.
create or replace function public.choose_repo(actor jsonb, kind text, id text, repo text default null, branch text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case choose_repo.kind when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_build_object('kind', choose_repo.kind, 'id', choose_repo.id, 'repo', choose_repo.repo, 'branch', choose_repo.branch);
  gate jsonb := verne.authorise(actor, operation, args);
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  delete from verne.repo_choices r
  where r.guild_id = gate ->> 'guild_id' and r.kind = choose_repo.kind
    and r.id = case choose_repo.kind when 'person' then actor ->> 'id' else choose_repo.id end;
  if choose_repo.repo is not null then
    insert into verne.repo_choices (guild_id, kind, id, repo, branch)
    values (gate ->> 'guild_id', choose_repo.kind,
      case choose_repo.kind when 'person' then actor ->> 'id' else choose_repo.id end, choose_repo.repo, choose_repo.branch);
  end if;
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.choose_repo from public, anon, authenticated;
grant execute on function public.choose_repo to service_role, verne_worker;

-- Whether the actor's roles allow an operation. Until roles are set only Manage Server may; a confirm role implies create.
-- Asked with `is true`: null refuses.
create or replace function verne.may(actor jsonb, operation text, guild public.guilds) returns boolean
language sql immutable set search_path = '' as $$
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
  from allowed
$$;

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
    'notice', gate -> 'notice', 'may_change', verne.may(actor, 'settings.change', guild) is true,
    'key_in_use', gate -> 'key',
    'keys', (select coalesce(jsonb_agg(jsonb_build_object('owner', case when k.owner_id is null then 'server' else 'person' end,
        'last4', k.last4, 'added_at', k.added_at) order by k.owner_id is null), '[]')
      from verne.keys k where k.revoked_at is null and (k.guild_id = guild.guild_id or k.owner_id = actor ->> 'id')),
    'channels', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'repo', r.repo, 'branch', r.branch) order by r.id), '[]')
      from verne.repo_choices r where r.guild_id = guild.guild_id and r.kind = 'channel'));
end $$;
revoke all on function public.read_settings from public, anon, authenticated;
grant execute on function public.read_settings to service_role, verne_worker;

-- Revokes the server's or the actor's key: no new call is made with it.
create or replace function public.remove_key(actor jsonb, owner text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  gate jsonb := verne.authorise(actor, operation, jsonb_build_object('remove_key_of', owner));
  gone int;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  update verne.keys k set revoked_at = verne.now()
  where k.revoked_at is null and case owner when 'person' then k.owner_id = actor ->> 'id' else k.guild_id = gate ->> 'guild_id' end;
  get diagnostics gone = row_count;
  if owner = 'person' then
    update public.users u set jules_api_key = null where u.discord_id = actor ->> 'id';
  else
    update public.guilds g set default_jules_api_key = null where g.guild_id = gate ->> 'guild_id';
  end if;
  perform verne.append_audit(actor, operation, 'allowed', jsonb_build_object('remove_key_of', owner));
  return jsonb_build_object('kind', case gone when 0 then 'no_key' else 'removed' end);
end $$;
revoke all on function public.remove_key from public, anon, authenticated;
grant execute on function public.remove_key to service_role, verne_worker;

-- Stores a sealed Jules key for the server or for the actor; the one before it is revoked. `sealed` holds id, sealed,
-- wrapped, kek_version, last4, fingerprint, per_day, at_once: never the key itself.
create or replace function public.store_key(actor jsonb, owner text, sealed jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_build_object('key_of', owner, 'last4', sealed ->> 'last4');
  gate jsonb := verne.authorise(actor, operation, args);
  account uuid;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  insert into verne.accounts (fingerprint, per_day, at_once)
  values (sealed ->> 'fingerprint', (sealed ->> 'per_day')::int, (sealed ->> 'at_once')::int)
  on conflict (fingerprint) do update set per_day = excluded.per_day, at_once = excluded.at_once
  returning id into account;
  update verne.keys k set revoked_at = verne.now()
  where k.revoked_at is null and case owner when 'person' then k.owner_id = actor ->> 'id' else k.guild_id = gate ->> 'guild_id' end;
  insert into verne.keys (id, account_id, guild_id, owner_id, sealed, wrapped, kek_version, last4, added_by)
  values ((sealed ->> 'id')::uuid, account, case owner when 'server' then gate ->> 'guild_id' end,
    case owner when 'person' then actor ->> 'id' end,
    sealed ->> 'sealed', sealed ->> 'wrapped', sealed ->> 'kek_version', sealed ->> 'last4', actor ->> 'id');
  if owner = 'person' then
    update public.users u set jules_api_key = '•••• ' || (sealed ->> 'last4') where u.discord_id = actor ->> 'id';
  else
    update public.guilds g set default_jules_api_key = '•••• ' || (sealed ->> 'last4') where g.guild_id = gate ->> 'guild_id';
  end if;
  perform verne.publish_event('key.added', 'key:' || (sealed ->> 'id'), jsonb_build_object('account', account, 'by', actor ->> 'id', 'last4', sealed ->> 'last4'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'guilds'));
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'stored', 'last4', sealed ->> 'last4');
end $$;
revoke all on function public.store_key from public, anon, authenticated;
grant execute on function public.store_key to service_role, verne_worker;

-- What a decision brings about: a session in the queue, a word to the requester, a place given back.
create or replace function verne.after_decision(task public.tasks, verb text, tenant text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  if verb = 'confirm' then
    perform verne.queue_session(task, after_decision.tenant);
  elsif verb = 'reject' then
    perform verne.add_message('task:' || task.id, 'note', 'rejection', jsonb_build_object('place', 'dm', 'id', task.discord_user_id),
      jsonb_build_object('by', task.decided_by, 'reason', task.reason, 'guild_id', after_decision.tenant), 'task:' || task.id || ':rejection');
  elsif verb = 'cancel' then
    update verne.sessions s set ended_at = verne.now(), revision = s.revision + 1,
      phase = case when s.name is null and s.attempted_at is null then 'stopped' else s.phase end
    where s.task_id = task.id and s.ended_at is null;
    if exists (select from verne.sessions s where s.task_id = task.id and s.name is not null) then
      perform verne.close_thread(task, jsonb_build_object('phase', 'stopped', 'by', task.ended_by));
    end if;
    perform verne.admit_tasks(task.account_id);
    if task.ended_by <> task.discord_user_id then
      perform verne.add_message('task:' || task.id, 'note', 'cancellation', jsonb_build_object('place', 'channel', 'id', task.channel_id),
        jsonb_build_object('by', task.ended_by, 'guild_id', after_decision.tenant), 'task:' || task.id || ':cancellation');
    end if;
  end if;
end $$;

-- The repository and branch of a request: option, else person, channel, server. Known to be wrong is said at once;
-- where the list of repositories is older than 15 minutes, the worker checks instead.
create or replace function verne.choose_target(standing jsonb, wish jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  choice jsonb := case when wish ->> 'repo' is not null
    then jsonb_build_object('from', 'option', 'repo', wish ->> 'repo') else standing -> 'repos' -> 0 end;
  mine uuid := (standing -> 'key' ->> 'id')::uuid;
  source verne.sources;
  branch text;
  is_fresh boolean;
begin
  if choice is null then
    return jsonb_build_object('kind', 'no_repo');
  end if;
  select * into source from verne.sources s where s.key_id = mine and lower(s.repo) = lower(choice ->> 'repo');
  select l.listed_at > verne.now() - interval '15 minutes' and l.problem is null into is_fresh
  from verne.source_lists l where l.key_id = mine;
  if source.name is null and is_fresh then
    return jsonb_build_object('kind', 'unknown_repo', 'repo', choice ->> 'repo', 'repos', (
      select coalesce(jsonb_agg(near.repo), '[]') from (select s.repo from verne.sources s
        where s.key_id = mine order by s.repo limit 5) near));
  end if;
  branch := coalesce(wish ->> 'branch', choice ->> 'branch', source.default_branch, 'main');
  -- A server that named no branch has 'main', which not every repository has.
  if wish ->> 'branch' is null and choice ->> 'from' = 'server' and branch = 'main'
    and cardinality(source.branches) > 0 and not branch = any (source.branches) then
    branch := coalesce(source.default_branch, branch);
  end if;
  if is_fresh and cardinality(source.branches) > 0 and not branch = any (source.branches) then
    return jsonb_build_object('kind', 'unknown_branch', 'repo', source.repo, 'branch', branch,
      'branches', to_jsonb(source.branches[1:5]));
  end if;
  return jsonb_build_object('kind', 'target', 'repo', coalesce(source.repo, choice ->> 'repo'), 'branch', branch, 'from', choice ->> 'from');
end $$;

-- Whoever follows a task in its thread learns there too how it ended.
create or replace function verne.close_thread(task public.tasks, facts jsonb) returns void
language sql set search_path = '' as $$
  select verne.add_message('task:' || task.id, 'note', 'closing', jsonb_build_object('place', 'thread', 'id', task.channel_id),
    close_thread.facts, 'task:' || task.id || ':closing:' || coalesce(close_thread.facts ->> 'pr_url', close_thread.facts ->> 'phase'))
$$;

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
    perform verne.append_audit(actor, operation, 'refused: unknown task', args);
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  if move.verb is null then
    perform verne.append_audit(actor, operation, 'refused: too late', args);
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
      'task:' || task.id || ':outcome:' || coalesce(ending ->> 'pr_url', session.phase || ':' || session.recreated));
  end if;
  if ending ->> 'verb' <> 'resume' and session.name is not null then
    perform verne.close_thread(task, ending || jsonb_build_object('phase', session.phase));
  end if;
  perform verne.admit_tasks(session.account_id);
end $$;

-- The row of a request. One who may confirm needs no second person: the task starts at once.
create or replace function verne.insert_task(actor jsonb, request_key text, wish jsonb, standing jsonb, target jsonb) returns public.tasks
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  starts boolean := (standing ->> 'may_confirm')::boolean;
begin
  insert into public.tasks (user_id, discord_user_id, guild_id, number, prompt, status, request_key, channel_id,
    repo, repo_from, branch, key_id, account_id, key_owner, key_last4, decided_by, decided_at, correlation_id)
  values ((standing ->> 'user')::uuid, actor ->> 'id', (standing ->> 'guild')::uuid,
    verne.next_task_number((standing ->> 'guild')::uuid), wish ->> 'prompt',
    case when starts then 'in_progress' else 'pending_confirmation' end, insert_task.request_key, actor ->> 'channel',
    target ->> 'repo', target ->> 'from', target ->> 'branch',
    (standing -> 'key' ->> 'id')::uuid, (standing -> 'key' ->> 'account')::uuid, standing -> 'key' ->> 'owner', standing -> 'key' ->> 'last4',
    case when starts then actor ->> 'id' end, case when starts then verne.now() end,
    coalesce((actor ->> 'correlation')::uuid, gen_random_uuid()))
  returning * into task;
  return task;
end $$;

-- The token by which a session at Jules is found again.
create or replace function verne.new_marker() returns text
language sql volatile set search_path = '' as $$
  select 'verne:' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 20)
$$;

-- A confirmed task waits for its account's limits, and starts at once where they leave room.
create or replace function verne.queue_session(task public.tasks, tenant text) returns void
language plpgsql set search_path = '' as $$
begin
  insert into verne.sessions (task_id, account_id, key_id, tenant, marker)
  values (task.id, task.account_id, task.key_id, queue_session.tenant,
    verne.new_marker());
  perform verne.admit_tasks(task.account_id);
end $$;

-- What a worker needs to open or follow a task's session; null where the task has none.
create or replace function public.read_work(task_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('task_id', t.id, 'number', t.number, 'status', t.status, 'prompt', t.prompt, 'repo', t.repo,
    'branch', t.branch, 'pr_url', t.pr_url, 'channel_id', t.channel_id, 'guild_id', s.tenant,
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

-- A session that provably never ran (its plan expired before Verne approved it) is opened anew under a new marker, in
-- the place that it holds. The old one becomes a stray: archived, never approved.
create or replace function public.renew_session(task_id text, revision int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  insert into verne.strays (name, task_id) select s.name, s.task_id from verne.sessions s
  where s.task_id = renew_session.task_id::uuid and s.revision = renew_session.revision and s.name is not null
  on conflict do nothing;
  update verne.sessions s set phase = 'opening', name = null, url = null, jules_state = null, seen_state = null, seen_updated_at = null,
    marker = verne.new_marker(), attempts = 0, attempted_at = null,
    recreated = s.recreated + 1, progress = '{}', activities_until = null, opened_at = null, moved_at = verne.now(),
    finishing_since = null, revision = s.revision + 1
  where s.task_id = renew_session.task_id::uuid and s.revision = renew_session.revision and s.approved_at is null and s.ended_at is null
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  delete from verne.plans p where p.task_id = session.task_id;
  perform verne.publish_event('task.admitted', 'task:' || session.task_id, jsonb_build_object('recreated', session.recreated),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  return jsonb_build_object('kind', 'renewed');
end $$;
revoke all on function public.renew_session from public, anon, authenticated;
grant execute on function public.renew_session to service_role, verne_worker;

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
    perform verne.append_audit(actor, 'task.create', 'refused: ' || replace(target ->> 'kind', '_', ' '), args);
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

-- The whole prompt, for one pair of eyes: anybody who can see the card may read what it asks for.
create or replace function public.show_prompt(actor jsonb, task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  gate jsonb := verne.authorise(actor, 'task.read', jsonb_build_object('task', task_id));
  task public.tasks;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = show_prompt.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'task.read', case when task.id is null then 'refused: unknown task' else 'allowed' end,
    jsonb_build_object('task', task_id));
  if task.id is null then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  return jsonb_build_object('kind', 'prompt', 'number', task.number, 'prompt', task.prompt);
end $$;
revoke all on function public.show_prompt from public, anon, authenticated;
grant execute on function public.show_prompt to service_role, verne_worker;

reset check_function_bodies;
