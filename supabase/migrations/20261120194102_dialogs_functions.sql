set check_function_bodies = off;

-- How a person wants the plans of their own tasks here: 'read' by people first, or 'run'; null forgets it, as the server has it.
create or replace function public.choose_plans(actor jsonb, plans text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('plans', choose_plans.plans);
  gate jsonb := verne.authorise(actor, 'own.change', args);
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  delete from verne.plan_choices c where c.guild_id = gate ->> 'guild_id' and c.person_id = actor ->> 'id';
  if choose_plans.plans is not null then
    insert into verne.plan_choices (guild_id, person_id, plans) values (gate ->> 'guild_id', actor ->> 'id', choose_plans.plans);
  end if;
  perform verne.append_audit(actor, 'own.change', 'allowed', args);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.choose_plans from public, anon, authenticated;
grant execute on function public.choose_plans to service_role, verne_worker;

-- Removes what says who a person is: their row, sign-in, membership, choices, budgets, keys. Gives back the ids of their own keys.
create or replace function verne.forget_identity(person text) returns uuid[]
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  nobody text := '000000000000000000';
  me uuid := (select u.id from public.users u where u.discord_id = person);
  mine uuid[] := array(select k.id from verne.keys k where k.owner_id = person);
begin
  -- Servers before keys, as whoever writes of both.
  update public.guilds g set approver_people = array_remove(g.approver_people, forget_identity.person),
    paused_by = case g.paused_by when forget_identity.person then nobody else g.paused_by end,
    installer_user_id = nullif(g.installer_user_id, me)
  where forget_identity.person = any (g.approver_people) or g.paused_by = forget_identity.person or g.installer_user_id = me;
  delete from verne.keys k where k.owner_id = forget_identity.person;
  update verne.keys k set added_by = 'forgotten' where k.added_by = forget_identity.person;
  delete from verne.repo_choices r where r.kind = 'person' and r.id = forget_identity.person;
  delete from verne.plan_choices c where c.person_id = forget_identity.person;
  delete from verne.members m where m.discord_id = forget_identity.person;
  delete from verne.budgets b where b.kind = 'person' and b.id = forget_identity.person;
  delete from verne.raises r where r.person_id = forget_identity.person;
  update verne.raises r set raised_by = nobody where r.raised_by = forget_identity.person;
  delete from verne.rates r where r.key = 'person:' || forget_identity.person or r.key like 'person_in_server:%:' || forget_identity.person;
  update verne.service s set paused_by = nobody where s.paused_by = forget_identity.person;
  delete from auth.users u where u.id = me or u.id in (
    select i.user_id from auth.identities i where i.provider = 'discord' and i.provider_id = forget_identity.person);
  delete from public.users u where u.discord_id = forget_identity.person;
  return mine;
end $$;

-- Whether an actor may do an operation here: by Manage Server, by the server's lists of roles, or by a grant. Until a list
-- is set, Manage Server may what it is about; who may confirm may create. Asked with `is true`: null refuses.
create or replace function verne.may(actor jsonb, operation text, guild public.guilds, scope jsonb default '{}') returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  list text := case when operation in ('task.confirm', 'task.cancel', 'task.steer') then 'confirm_roles'
    when operation in ('task.create', 'task.steer_own') then 'create_roles' end;
  administers boolean := coalesce((actor ->> 'admin')::boolean, false);
begin
  if actor ->> 'guild' is distinct from guild.guild_id then
    return false;
  end if;
  if operation in ('task.read', 'task.withdraw', 'task.edit', 'settings.read', 'own.change') then
    return true; -- of everybody: task.withdraw, task.edit and own.change are asked only for one's own
  end if;
  if list is null and administers and operation in ('settings.change', 'guild.pause', 'limits.raise', 'audit.read') then
    return true;
  end if;
  if jsonb_array_length(guild.permissions -> list) = 0 and administers
    or jsonb_exists_any(actor -> 'roles', array(select jsonb_array_elements_text(guild.permissions -> list))) then
    return true;
  end if;
  -- Limits are the whole server's, so it takes one who may confirm everywhere in it.
  if operation = 'limits.raise' and verne.may(actor, 'task.confirm', guild, null) is true then
    return true;
  end if;
  return verne.granted(actor, operation, scope)
    or operation in ('task.create', 'task.steer_own') and verne.may(actor, 'task.confirm', guild, scope);
end $$;

-- What applies to this actor in this server: keys, repository, approval policy, who is told of pending tasks. `keys` are
-- those that a request of theirs may use: their own alone where they have one, else the server's nearest pool, that of the
-- channel before that of a role before everybody's. Never another person's.
create or replace function verne.standing(actor jsonb, guild public.guilds) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object(
      'guild', guild.id, 'guild_id', guild.guild_id,
      'may_confirm', verne.may(actor, 'task.confirm', guild) is true,
      'confirm_roles', guild.permissions -> 'confirm_roles', 'create_roles', guild.permissions -> 'create_roles',
      'policy', jsonb_build_object('approvals', guild.approvals_needed, 'self_approval', guild.self_approval, 'expire_hours', guild.expire_hours,
        'plan_review', guild.plan_review),
      'notice', jsonb_build_object('how', guild.approver_notice, 'people', guild.approver_people,
        'roles', guild.permissions -> 'confirm_roles'),
      'plans', (select c.plans from verne.plan_choices c where c.guild_id = guild.guild_id and c.person_id = actor ->> 'id'),
      'keys', verne.keys_for(actor), 'key', verne.keys_for(actor) -> 0,
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

-- Why the gate would refuse this actor now, or null: for a door that asks for more before it acts. It takes, makes and audits
-- nothing. `scope` is what is known of what it would act on, as for the gate.
create or replace function verne.would_refuse(actor jsonb, operation text, scope jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  if guild.id is null then -- its row comes with the first act; until then nothing is set
    guild.guild_id := actor ->> 'guild';
    guild.permissions := '{"create_roles": [], "confirm_roles": []}';
  end if;
  return case
    when actor ->> 'guild' is null then jsonb_build_object('kind', 'not_in_a_server')
    when verne.too_fast(actor, false) is not null then verne.too_fast(actor, false) - 'key'
    when verne.may(actor, would_refuse.operation, guild, scope) is not true then
      verne.needed_roles(actor, would_refuse.operation, guild)
    when scope ->> 'verb' = 'confirm' then verne.may_not_begin(actor, guild, scope) end;
end $$;

-- Whether people read the plan of a request before it runs, and whose choice that is: option, else person, else server. Where
-- a server has each plan read, only who may approve what they ask for may leave it out: they would be its reader.
create or replace function verne.choose_plan(standing jsonb, wish jsonb, may_skip boolean) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  demands boolean := (standing -> 'policy' ->> 'plan_review')::boolean;
  choice jsonb := case
    when wish ->> 'plan_review' is not null then jsonb_build_object('review', wish -> 'plan_review', 'from', 'option')
    when standing ->> 'plans' is not null then jsonb_build_object('review', standing ->> 'plans' = 'read', 'from', 'person')
    else jsonb_build_object('review', demands, 'from', 'server') end;
begin
  return case when demands and may_skip is not true and (choice ->> 'review')::boolean is not true
    then jsonb_build_object('review', true, 'from', 'server') else choice end;
end $$;

drop function public.decide_task(actor jsonb, task_id text, verb text, reason text);
-- Confirm, reject or cancel: one winner. The loser is told what the task is by now and who decided it. Where a server asks
-- for more than one approval, a confirmation counts as one until there are enough. `edits` names the words that it is of: where
-- they were edited since, it is of none. After its hours a task has expired, whether or not somebody has noticed yet.
create or replace function public.decide_task(actor jsonb, task_id text, verb text, reason text default null, edits int default 0) returns jsonb
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
    when verb = 'confirm' and coalesce(decide_task.edits, 0) <> task.edits then 'edited'
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

-- What a dialog for a request begins with: the repository and branch that would be used. Or why a request of this actor would
-- be refused now, so that nobody writes one in vain. It makes, changes and audits nothing. `wish`: repo, branch.
create or replace function public.draft_request(actor jsonb, wish jsonb default '{}') returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  standing jsonb := verne.standing_of(actor);
  refusal jsonb := verne.would_refuse(actor, 'task.create', jsonb_build_object('repo', wish -> 'repo', 'branch', wish -> 'branch', 'verb', 'confirm'));
  target jsonb;
begin
  if refusal is not null then
    return refusal;
  end if;
  if coalesce(standing -> 'key', 'null'::jsonb) = 'null'::jsonb then
    return jsonb_build_object('kind', 'no_key');
  end if;
  target := verne.choose_target(standing || jsonb_build_object('key', verne.choose_key(standing -> 'keys')), wish);
  refusal := case target ->> 'kind' when 'target' then verne.refused_there(actor, 'task.create', target) when 'no_repo' then null else target end;
  return coalesce(refusal, verne.over_budget(actor, verne.spent_by(actor ->> 'id', (standing ->> 'guild')::uuid)),
    jsonb_build_object('kind', 'draft', 'repo', target -> 'repo', 'branch', target -> 'branch', 'from', target -> 'from'));
end $$;
revoke all on function public.draft_request from public, anon, authenticated;
grant execute on function public.draft_request to service_role, verne_worker;

-- What a dialog about a task begins with: its words and where they were to be done. `verb`: edit, retry or follow_up; `about`
-- names words that Jules was not told. Or why it would be refused now. It makes, changes and audits nothing.
create or replace function public.draft_task(actor jsonb, task_id text, verb text, about text default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  session verne.sessions;
  place jsonb;
  ask jsonb;
  steer jsonb;
begin
  -- Of another server's task nothing is known here.
  select * into task from public.tasks t where t.id = draft_task.task_id::uuid and t.guild_id = (verne.standing_of(actor) ->> 'guild')::uuid;
  select * into session from verne.sessions s where s.task_id = task.id;
  place := jsonb_build_object('repo', task.repo, 'branch', task.branch);
  ask := verne.would_refuse(actor, case verb when 'edit' then 'task.edit' else 'task.create' end, place || '{"verb": "confirm"}');
  steer := case when verb = 'follow_up' and verne.goes_on(session)
    then verne.would_refuse(actor, case when task.discord_user_id = actor ->> 'id' then 'task.steer_own' else 'task.steer' end, place) else ask end;
  return case
    when ask is not null and steer is not null then steer
    when task.id is null then jsonb_build_object('kind', 'unknown_task')
    when verb = 'edit' and task.discord_user_id <> actor ->> 'id' then jsonb_build_object('kind', 'not_requester', 'by', task.discord_user_id)
    when (verne.session_verbs(task, session) ? verb) is not true then jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id))
    when verb = 'edit' and verne.waits_until(task) <= verne.now()
      then jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id) || '{"status": "expired", "verbs": []}')
    else jsonb_build_object('kind', 'draft', 'number', task.number, 'repo', task.repo, 'branch', task.branch, 'edits', task.edits,
      'prompt', task.prompt, 'pr_url', task.pr_url, 'plan_review', case when task.plan_from = 'option' then task.plan_review end,
      'goes_on', verb = 'follow_up' and steer is null and verne.goes_on(session), 'may_ask', ask is null,
      'text', (select i.text from verne.instructions i where i.task_id = task.id and left(i.id::text, 8) = about)) end;
end $$;
revoke all on function public.draft_task from public, anon, authenticated;
grant execute on function public.draft_task to service_role, verne_worker;

-- Why this actor does not edit the words of this task now, or null. The caller holds its row; one whose hours are over expires.
create or replace function verne.edit_refused(actor jsonb, task public.tasks, standing jsonb, edits int) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return case
    when task.id is null then jsonb_build_object('kind', 'unknown_task')
    when task.discord_user_id <> actor ->> 'id' then jsonb_build_object('kind', 'not_requester', 'by', task.discord_user_id)
    when verne.let_expire(task) or task.status <> 'pending_confirmation' then jsonb_build_object('kind', 'too_late')
    when coalesce(standing -> 'key', 'null'::jsonb) = 'null'::jsonb then jsonb_build_object('kind', 'no_key')
    when task.edits <> edit_refused.edits then jsonb_build_object('kind', 'edited_before') end;
end $$;

-- Its requester changes the words of a task that waits, and where they are to be done: checked as a request is, at the cost of
-- none. Whoever approved did so of other words, so their approvals are void. `edits` names the words that were changed: of two
-- edits at once the second one is told so. `wish`: prompt, repo, branch.
create or replace function public.edit_task(actor jsonb, task_id text, edits int, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'repo', wish -> 'repo', 'branch', wish -> 'branch', 'prompt_length', length(wish ->> 'prompt'));
  gate jsonb := verne.authorise(actor, 'task.edit', args);
  task public.tasks;
  target jsonb;
  void int;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = edit_task.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid for update;
  target := verne.edit_refused(actor, task, gate, edits);
  if target is null then
    target := verne.choose_target(gate || jsonb_build_object('key', jsonb_build_object('id', task.key_id)), wish);
    target := coalesce(case when target ->> 'kind' = 'target' then verne.refused_there(actor, 'task.create', target) end, target);
  end if;
  if target ->> 'kind' <> 'target' then
    perform verne.append_audit(actor, 'task.edit', 'refused: ' || (target ->> 'kind'), args);
    return target || case when target ->> 'kind' in ('too_late', 'edited_before') then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
  end if;
  if (task.prompt, task.repo, task.branch) is not distinct from (wish ->> 'prompt', target ->> 'repo', target ->> 'branch') then
    return jsonb_build_object('kind', 'unchanged', 'task', verne.task_view(task.id));
  end if;
  delete from verne.approvals a where a.task_id = task.id;
  get diagnostics void = row_count;
  update public.tasks t set prompt = wish ->> 'prompt', branch = target ->> 'branch',
    repo_from = case when t.repo = target ->> 'repo' then t.repo_from else target ->> 'from' end, repo = target ->> 'repo',
    edits = t.edits + 1, edited_at = verne.now(), edited_after = void
  where t.id = task.id;
  perform verne.publish_event('task.edited', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.append_audit(actor, 'task.edit', 'allowed', args || jsonb_build_object('number', task.number, 'void_approvals', void));
  return jsonb_build_object('kind', 'edited', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.edit_task from public, anon, authenticated;
grant execute on function public.edit_task to service_role, verne_worker;

-- Whether a finished session can be told to go on: Jules has it, it was neither archived nor deleted, and its key is still there.
create or replace function verne.goes_on(session verne.sessions) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return session.name is not null and session.archived_at is null and session.deleted_at is null and session.deleted_at is null
    and (verne.find_key(session.key_id)).id is not null;
end $$;

-- The row of a request. One who may confirm this very thing needs no second person, unless the server asks for one: then
-- their own approval is the first. The server's policy is kept with the task, as it was when it was asked for.
create or replace function verne.insert_task(actor jsonb, request_key text, wish jsonb, standing jsonb, target jsonb) returns public.tasks
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  policy jsonb := standing -> 'policy';
  approves boolean := (standing ->> 'may_confirm')::boolean and (policy ->> 'self_approval')::boolean
    and verne.refused_there(actor, 'task.confirm', target) is null;
  plan jsonb := verne.choose_plan(standing, wish, approves);
  starts boolean := approves and (policy ->> 'approvals')::int = 1;
begin
  insert into public.tasks (user_id, discord_user_id, guild_id, number, prompt, status, request_key, channel_id,
    repo, repo_from, branch, key_id, account_id, key_owner, key_last4, decided_by, decided_at, correlation_id,
    approvals_needed, self_approval, expires_at, plan_review, plan_from, parent, origin)
  values (verne.hold_user(actor ->> 'id'), actor ->> 'id', (standing ->> 'guild')::uuid,
    verne.next_task_number((standing ->> 'guild')::uuid), wish ->> 'prompt',
    case when starts then 'in_progress' else 'pending_confirmation' end, insert_task.request_key, actor ->> 'channel',
    target ->> 'repo', target ->> 'from', target ->> 'branch',
    (standing -> 'key' ->> 'id')::uuid, (standing -> 'key' ->> 'account')::uuid, standing -> 'key' ->> 'owner', standing -> 'key' ->> 'last4',
    case when starts then actor ->> 'id' end, case when starts then verne.now() end,
    coalesce((actor ->> 'correlation')::uuid, gen_random_uuid()),
    (policy ->> 'approvals')::int, (policy ->> 'self_approval')::boolean,
    case when not starts then verne.now() + (policy ->> 'expire_hours')::int * interval '1 hour' end,
    (plan ->> 'review')::boolean, plan ->> 'from', (wish ->> 'parent')::uuid, wish ->> 'origin')
  returning * into task;
  if approves then
    insert into verne.approvals (task_id, approver) values (task.id, actor ->> 'id');
  end if;
  return task;
end $$;

-- Keeps the newest patch of a session, since one that is deleted at Jules can be saved from here alone. `patch`: text (null
-- where it is too large), chars, base_commit.
create or replace function verne.keep_patch(task_id uuid, patch jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  insert into verne.patches (task_id, patch, chars, base_commit)
  values (keep_patch.task_id, keep_patch.patch ->> 'text', (keep_patch.patch ->> 'chars')::int, keep_patch.patch ->> 'base_commit')
  on conflict (task_id) do update set patch = excluded.patch, chars = excluded.chars, base_commit = excluded.base_commit, kept_at = excluded.kept_at
  where (verne.patches.patch, verne.patches.chars, verne.patches.base_commit) is distinct from (excluded.patch, excluded.chars, excluded.base_commit);
end $$;

-- The silence of a session that should not be silent, as short as a button can name it; null where it is not.
create or replace function verne.open_silence(session verne.sessions) returns text
language sql stable set search_path = '' as $$
  select left(md5(extract(epoch from session.silent_at)::text), 8) where session.silent_at is not null and session.ended_at is null
$$;

-- The task that a wish goes on from: {} where it names none, its id and what it is made as, or why not. Only what is over is
-- tried again; only what is finished is followed up.
create or replace function verne.parent_of(guild uuid, wish jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  session verne.sessions;
begin
  if wish ->> 'parent' is null then
    return '{}';
  end if;
  select * into task from public.tasks t where t.id = (wish ->> 'parent')::uuid and t.guild_id = parent_of.guild;
  select * into session from verne.sessions s where s.task_id = task.id;
  return case
    when task.id is null then jsonb_build_object('kind', 'unknown_task')
    when (verne.session_verbs(task, session) ? (wish ->> 'origin')) is not true
      then jsonb_build_object('kind', 'parent_moved', 'task', verne.task_view(task.id))
    else jsonb_build_object('id', task.id, 'origin', wish -> 'origin') end;
end $$;

-- Forgets what is old, a bounded batch at a time: patches that nothing was added to for 90 days.
create or replace function public.prune_tasks(batch int default 1000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare patches int;
begin
  delete from verne.patches where task_id in (
    select p.task_id from verne.patches p where p.kept_at < verne.now() - interval '90 days' limit batch for update skip locked);
  get diagnostics patches = row_count;
  return jsonb_build_object('patches', patches);
end $$;
revoke all on function public.prune_tasks from public, anon, authenticated;
grant execute on function public.prune_tasks to service_role, verne_worker;

-- Names the end, or the silence, at which a session's pull request may be asked for: once each. Null where there is nothing
-- to ask for.
create or replace function verne.pull_request_wanting(task public.tasks, session verne.sessions) returns text
language plpgsql stable set search_path = '' as $$
begin
  return case
    when task.pr_url is not null or session.name is null or session.archived_at is not null or session.deleted_at is not null then null
    when task.status = 'completed' and session.phase in ('done_patch', 'done_nothing')
      then left(md5(extract(epoch from session.ended_at)::text), 8)
    when task.status = 'in_progress' and (session.progress ->> 'said_done')::boolean then verne.open_silence(session)
  end;
end $$;

-- What a worker needs to open or follow a task's session; null where the task has none.
create or replace function public.read_work(task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('task_id', t.id, 'number', t.number, 'status', t.status, 'prompt', t.prompt, 'repo', t.repo,
      'branch', t.branch, 'pr_url', t.pr_url, 'pr_source', t.pr_source, 'last_error', t.last_error, 'channel_id', t.channel_id, 'guild_id', s.tenant,
      'account_id', s.account_id, 'key_id', s.key_id, 'paused', verne.is_paused(s.tenant),
      'phase', s.phase, 'marker', s.marker, 'attempts', s.attempts, 'attempted_at', s.attempted_at, 'recreated', s.recreated,
      'name', s.name, 'jules_state', s.jules_state, 'progress', s.progress, 'activities_until', s.activities_until,
      'moved_at', s.moved_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
      'finishing_since', s.finishing_since, 'approval_sent_at', s.approval_sent_at, 'silent_at', s.silent_at, 'missing_since', s.missing_since, 'deleted_at', s.deleted_at,
      'ended_at', s.ended_at, 'archived_at', s.archived_at, 'reported_pr', s.reported_pr, 'revision', s.revision,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      'plan_review', t.plan_review, 'plan_hash', verne.newest_plan(t.id), 'approved_hash', s.approved_hash,
      -- What Jules did after its newest plan: one that was never approved leaves nothing behind it.
      'acted', exists (select from verne.activities a where a.task_id = t.id and a.kind not in ('planGenerated', 'userMessaged')
        and a.created_at > (select max(p.created_at) from verne.activities p where p.task_id = t.id and p.kind = 'planGenerated')),
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

-- The one write of following a session: what Jules said, what it means for the task, what people are to be told.
-- `change`: phase, jules_state, url, progress, activities_until, moved, silent, approval_sent, approved, finishing, archived, missing,
-- deleted, plan, patch, activities, notes, last_error, end {verb, pr_url, error}. 'stale' where somebody else has written meanwhile.
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
    phase_since = case when coalesce(change ->> 'phase', s.phase) <> s.phase then verne.now() else s.phase_since end,
    phase = coalesce(change ->> 'phase', s.phase), jules_state = coalesce(change ->> 'jules_state', s.jules_state),
    url = coalesce(change ->> 'url', s.url), progress = coalesce(change -> 'progress', s.progress),
    activities_until = coalesce((change ->> 'activities_until')::timestamptz, s.activities_until),
    moved_at = case when (change ->> 'moved')::boolean then verne.now() else s.moved_at end,
    approved_at = case when (change ->> 'approved')::boolean then coalesce(s.approved_at, verne.now()) else s.approved_at end,
    approval_sent_at = case when (change ->> 'approval_sent')::boolean then coalesce(s.approval_sent_at, verne.now()) else s.approval_sent_at end,
    silent_at = case when (change ->> 'silent')::boolean then coalesce(s.silent_at, verne.now()) when change ? 'silent' then null else s.silent_at end,
    missing_since = case when (change ->> 'missing')::boolean then coalesce(s.missing_since, verne.now()) when change ? 'missing' then null else s.missing_since end,
    deleted_at = case when (change ->> 'deleted')::boolean then coalesce(s.deleted_at, verne.now()) when change ? 'missing' then null else s.deleted_at end,
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
  -- For those who wait for another phase, not for each step.
  perform verne.publish_event(turn.topic, 'task:' || task.id, jsonb_build_object('phase', session.phase),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks', 'correlation', task.correlation_id))
  from (values ('session.turned', session.phase_since), ('session.silent', session.silent_at)) turn(topic, since) where turn.since = verne.now();
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
    finishing_since = null, approval_sent_at = null, silent_at = null, missing_since = null, approved_hash = null, approved_by = null, phase_since = verne.now(), revision = s.revision + 1
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

-- A person asks: may they, with whose key, on what; then the task, its card, its event and the audit in one transaction.
-- The same request key gives the first answer again. `wish`: prompt, repo, branch, plan_review, parent
-- and origin: the task that it tries again ('retry') or follows up ('follow_up').
create or replace function public.request_task(actor jsonb, request_key text, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('repo', wish -> 'repo', 'branch', wish -> 'branch', 'prompt_length', length(wish ->> 'prompt'))
    || jsonb_strip_nulls(jsonb_build_object('parent', wish -> 'parent', 'origin', wish -> 'origin'));
  gate jsonb;
  target jsonb;
  parent jsonb;
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
  parent := verne.parent_of((gate ->> 'guild')::uuid, wish);
  target := case when parent ? 'kind' then parent else verne.admissible(actor, gate, wish) end;
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
  if task.parent is not null then -- its card names what became of it
    perform verne.publish_event('task.updated', 'task:' || task.parent, '{}', jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks'));
  end if;
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

-- Hands the newest patch of a session's work to the task's thread, as a file, for whoever may see the task.
create or replace function public.salvage_patch(actor jsonb, task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id);
  gate jsonb := verne.authorise(actor, 'task.read', args);
  task public.tasks;
  kept verne.patches;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = salvage_patch.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid;
  select * into kept from verne.patches p where p.task_id = task.id;
  gate := gate || jsonb_build_object('kind', case
    when task.id is null then 'unknown_task' when kept.task_id is null then 'no_patch' when kept.patch is null then 'too_large' else 'posted' end);
  if gate ->> 'kind' is not distinct from 'posted' then
    -- Whoever asks again for the same patch is led to the one that is there.
    perform verne.add_message('task:' || task.id, 'note', 'patch', jsonb_build_object('place', 'thread', 'id', task.channel_id),
      jsonb_build_object('by', actor ->> 'id', 'guild_id', gate -> 'guild_id', 'chars', kept.chars, 'base_commit', kept.base_commit, 'file', kept.patch),
      'task:' || task.id || ':patch:' || extract(epoch from kept.kept_at) || ':' || (actor ->> 'id'));
    perform verne.publish_event('task.updated', 'task:' || task.id, '{}',
      jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  perform verne.append_audit(actor, 'task.read', case gate ->> 'kind' when 'posted' then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  return jsonb_build_object('kind', gate -> 'kind', 'chars', kept.chars)
    || case when task.id is not null then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
end $$;
revoke all on function public.salvage_patch from public, anon, authenticated;
grant execute on function public.salvage_patch to service_role, verne_worker;

-- What became of an instruction: 'delivered'; 'refused', with the problem; or its intent is taken back: 'certainly' not sent,
-- or looked for in vain ('lost'), which counts. Who wrote it reads the outcome in the task's thread: a note, or, where they
-- wrote in the thread itself, a reaction on their message, and a note only where Jules was not told.
create or replace function public.settle_instruction(id text, outcome text, problem text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  told verne.instructions;
  task public.tasks;
  tenant text;
  facts jsonb;
begin
  update verne.instructions i set attempted_at = null,
    attempts = case outcome when 'certainly' then i.attempts - 1 else i.attempts end,
    state = case when outcome = 'delivered' then 'delivered' when outcome = 'refused' or outcome = 'lost' and i.attempts >= 3 then 'refused' else i.state end,
    delivered_at = case outcome when 'delivered' then verne.now() end,
    problem = settle_instruction.problem
  where i.id = settle_instruction.id::uuid and i.state = 'waiting'
  returning * into told;
  if told.id is null then
    return jsonb_build_object('kind', 'settled_before');
  end if;
  if told.state <> 'waiting' then
    select * into task from public.tasks t where t.id = told.task_id;
    select s.tenant into tenant from verne.sessions s where s.task_id = task.id;
    facts := jsonb_build_object('by', told.author, 'kind', told.kind, 'text', told.text, 'problem', told.problem, 'guild_id', tenant, 'reply_to', told.message_id,
      'about', left(told.id::text, 8));
    perform verne.mark_said(told, case told.state when 'delivered' then 'told' else 'warned' end, facts || jsonb_build_object('text', left(told.text, 4000)));
    if told.state = 'refused' or told.message_id is null then
      perform verne.add_message('task:' || task.id, 'note', case told.state when 'delivered' then 'told' else 'untold' end,
        jsonb_build_object('place', 'thread', 'id', task.channel_id), facts, 'task:' || task.id || ':instruction:' || told.id);
    end if;
    perform verne.publish_event(case told.state when 'delivered' then 'task.instruction_delivered' else 'task.updated' end, 'task:' || task.id,
      jsonb_build_object('kind', told.kind), jsonb_build_object('tenant', tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  return jsonb_build_object('kind', told.state);
end $$;
revoke all on function public.settle_instruction from public, anon, authenticated;
grant execute on function public.settle_instruction to service_role, verne_worker;

-- Keeps the plan, the patch and the activities by name, and hands the notes to whoever shows them. All of it may come twice.
create or replace function verne.store_activities(task_id uuid, change jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare note jsonb;
begin
  insert into verne.plans (task_id, hash, steps)
  select store_activities.task_id, change -> 'plan' ->> 'hash', change -> 'plan' -> 'steps' where change ? 'plan'
  on conflict do nothing;
  insert into verne.activities (task_id, name, kind, created_at, body)
  select store_activities.task_id, a ->> 'name', a ->> 'kind', (a ->> 'created_at')::timestamptz, coalesce(a -> 'body', '{}')
  from jsonb_array_elements(coalesce(change -> 'activities', '[]')) a
  on conflict do nothing;
  if change ? 'patch' then
    perform verne.keep_patch(store_activities.task_id, change -> 'patch');
  end if;
  for note in select n from jsonb_array_elements(coalesce(change -> 'notes', '[]')) n loop
    perform verne.add_message('task:' || store_activities.task_id, 'note', note ->> 'view', note -> 'at', note -> 'facts', note ->> 'dedupe');
  end loop;
end $$;

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
        'ended_at', s.ended_at, 'recreated', s.recreated, 'resumes', s.resumes, 'question', verne.open_question(s),
        'silence', verne.open_silence(s), 'pr_wanting', verne.pull_request_wanting(t, s), 'deleted', s.deleted_at is not null,
        'plan_approved_by', s.approved_by, 'untold', (select count(*) from verne.instructions i where i.task_id = t.id and i.state = 'waiting'),
        -- What is about to begin stands still in a pause; what was asked of Jules by then goes on.
        'paused', case when s.phase in ('queued', 'opening', 'approving') and s.attempted_at is null and s.ended_at is null then
          case when verne.is_paused('') then 'everywhere' when verne.is_paused(s.tenant) then 'here' end end,
        -- Where its intent still stands, nobody could look for what came of it: the key is gone.
        'unsure_because', case when s.phase = 'unsure' then case when s.attempted_at is null then 'attempts' else 'key' end end) end,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      'plan_hash', left(verne.newest_plan(t.id), 12), 'plan_review', t.plan_review, 'plan_from', t.plan_from,
      'edits', t.edits, 'edited', case when t.edits > 0 then jsonb_build_object('at', t.edited_at, 'void', t.edited_after) end,
      'parent', (select jsonb_build_object('id', o.id, 'number', o.number, 'as', t.origin) from public.tasks o where o.id = t.parent),
      'children', (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'number', o.number, 'as', o.origin) order by o.number desc), '[]')
        from public.tasks o where o.parent = t.id),
      'policy', jsonb_build_object('approvals', t.approvals_needed, 'self_approval', t.self_approval, 'expires_at', verne.waits_until(t)),
      'stands_still', t.status = 'pending_confirmation' and verne.stands_still(verne.tenant_of(t.guild_id)),
      'approvals', (select coalesce(jsonb_agg(jsonb_build_object('by', a.approver, 'at', a.at) order by a.at, a.approver), '[]')
        from verne.approvals a where a.task_id = t.id),
      'quota', (select jsonb_build_object('today', u.today, 'per_day', u.per_day, 'running', u.running, 'at_once', u.at_once)
        from verne.account_use(t.account_id) u where t.status = 'in_progress' and s.ended_at is null),
      'verbs', verne.session_verbs(t, s) || (select coalesce(jsonb_agg(m.verb order by m.verb), '[]') from verne.transitions m
        where m.noun = 'task' and m.from_state = t.status and m.operation is not null),
      'now', verne.now())
    from public.tasks t left join verne.sessions s on s.task_id = t.id
    where t.id = task_view.task_id);
end $$;

-- Whether somebody has told Jules this already, or it is on its way.
create or replace function verne.was_told(task_id uuid, kind text, about text) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from verne.instructions i
    where i.task_id = was_told.task_id and i.kind = was_told.kind and i.about = was_told.about and i.state <> 'refused')
$$;

reset check_function_bodies;
