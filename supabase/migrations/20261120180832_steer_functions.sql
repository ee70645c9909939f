set check_function_bodies = off;

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
    when authorise.operation in ('task.create', 'task.steer', 'task.steer_own') or scope ->> 'verb' = 'confirm' then verne.may_not_begin(actor, guild, scope) end;
  if refusal is not null then
    perform verne.append_audit(actor, authorise.operation, 'refused: ' || (refusal ->> 'kind'), args);
    return refusal;
  end if;
  return jsonb_build_object('kind', 'allowed') || verne.standing(actor, guild);
end $$;

-- Changes the settings named in `changes` and leaves the rest: create_roles, confirm_roles, default_repo, default_branch,
-- approver_notice, approver_people, approvals_needed, self_approval, expire_hours, key_rule, plan_review.
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
    plan_review = coalesce((changes ->> 'plan_review')::boolean, g.plan_review)
  where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.change', 'allowed', changes);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_settings from public, anon, authenticated;
grant execute on function public.change_settings to service_role, verne_worker;

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
  if operation in ('task.read', 'task.withdraw', 'settings.read', 'own.change') then
    return true; -- of everybody: the last three are asked only for one's own
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

-- The refusal of one who may not, with the roles that would be needed: those of the server's lists, then those with a grant.
-- A server that nothing is known of yet has none.
create or replace function verne.needed_roles(actor jsonb, operation text, guild public.guilds) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare listed jsonb := case
  when operation in ('task.confirm', 'task.cancel', 'task.steer', 'limits.raise') then guild.permissions -> 'confirm_roles'
  when operation in ('task.create', 'task.steer_own') then (guild.permissions -> 'create_roles') || (guild.permissions -> 'confirm_roles')
  else '[]'::jsonb end;
begin
  return jsonb_build_object('kind', 'not_permitted', 'operation', needed_roles.operation, 'roles', coalesce(listed, '[]') || (
    select coalesce(jsonb_agg(distinct g.role_id), '[]') from verne.grants_for(guild.guild_id, needed_roles.operation) g
    where (listed ? g.role_id) is not true));
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

-- Whom a server wants to be told of what waits for its approvers: roles and people, as its settings say.
create or replace function verne.standing_notice(guild uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('guild_id', g.guild_id,
      'roles', case g.approver_notice when 'role' then g.permissions -> 'confirm_roles' else '[]' end,
      'people', case when g.approver_notice in ('people', 'dm') then to_jsonb(g.approver_people) else '[]' end)
    from public.guilds g where g.id = standing_notice.guild);
end $$;

-- An approver has read a plan and lets it run: this very plan, and no other. `plan` is the beginning of its hash. Jules is
-- told by whoever follows the session, once it has looked that the plan is still the same.
create or replace function public.approve_plan(actor jsonb, task_id text, plan text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'plan', plan);
  gate jsonb := verne.take_rate(actor, 'task.confirm', args); -- before any other lock
  task public.tasks;
  session verne.sessions;
  newest text := verne.newest_plan(task_id::uuid);
begin
  if gate is not null then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = approve_plan.task_id::uuid for update;
  gate := verne.authorise(actor, 'task.confirm', args, jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id, 'verb', 'confirm'));
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into session from verne.sessions s where s.task_id = task.id for update;
  newest := verne.newest_plan(task.id);
  gate := gate || jsonb_build_object('by', session.approved_by, 'kind', case
    when task.guild_id is distinct from (gate ->> 'guild')::uuid then 'unknown_task'
    when task.status <> 'in_progress' then 'too_late'
    when task.self_approval is not true and task.discord_user_id = actor ->> 'id' then 'own_task'
    when left(newest, 12) is distinct from approve_plan.plan then 'stale_plan'
    when session.approved_hash = newest then 'plan_approved'
    when session.phase <> 'plan_review' then 'stale_plan'
    else 'approved' end);
  if gate ->> 'kind' is not distinct from 'approved' then
    update verne.sessions s set approved_hash = newest, approved_by = actor ->> 'id', phase = 'approving', revision = s.revision + 1
    where s.task_id = task.id;
    perform verne.publish_event('task.plan_approved', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
      jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  if (session.approved_by = actor ->> 'id' and gate ->> 'kind' is not distinct from 'plan_approved') is not true then -- a press that came twice is one press
    perform verne.append_audit(actor, 'task.confirm', case gate ->> 'kind' when 'approved' then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  end if;
  return jsonb_build_object('kind', case when session.approved_by = actor ->> 'id' and gate ->> 'kind' is not distinct from 'plan_approved' then 'approved' else gate ->> 'kind' end,
    'by', gate -> 'by')
    || case when gate ->> 'kind' is distinct from 'unknown_task' then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
end $$;
revoke all on function public.approve_plan from public, anon, authenticated;
grant execute on function public.approve_plan to service_role, verne_worker;

-- Commits the intent to send an instruction, before the POST. 'taken' where somebody else has begun meanwhile, 'paused'
-- where nothing new may begin.
create or replace function public.begin_instruction(id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare told verne.instructions;
begin
  if exists (select from verne.instructions i join verne.sessions s on s.task_id = i.task_id
    where i.id = begin_instruction.id::uuid and verne.is_paused(s.tenant)) then
    return jsonb_build_object('kind', 'paused');
  end if;
  update verne.instructions i set attempts = i.attempts + 1, attempted_at = verne.now()
  where i.id = begin_instruction.id::uuid and i.state = 'waiting' and i.attempted_at is null and i.attempts < 3
  returning * into told;
  return jsonb_build_object('kind', case when told.id is null then 'taken' else 'begun' end);
end $$;
revoke all on function public.begin_instruction from public, anon, authenticated;
grant execute on function public.begin_instruction to service_role, verne_worker;

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
  delete from verne.plans p where p.task_id = any (own);
  update verne.sessions s set progress = '{}' where s.task_id = any (own) and s.progress <> '{}';
  return jsonb_build_object('own', (select coalesce(jsonb_agg('task:' || id), '[]') from unnest(own) id),
    'others', (select coalesce(jsonb_agg('task:' || id), '[]') from unnest(others) id));
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
  starts boolean := approves and (policy ->> 'approvals')::int = 1;
begin
  insert into public.tasks (user_id, discord_user_id, guild_id, number, prompt, status, request_key, channel_id,
    repo, repo_from, branch, key_id, account_id, key_owner, key_last4, decided_by, decided_at, correlation_id,
    approvals_needed, self_approval, expires_at, plan_review)
  values (verne.hold_user(actor ->> 'id'), actor ->> 'id', (standing ->> 'guild')::uuid,
    verne.next_task_number((standing ->> 'guild')::uuid), wish ->> 'prompt',
    case when starts then 'in_progress' else 'pending_confirmation' end, insert_task.request_key, actor ->> 'channel',
    target ->> 'repo', target ->> 'from', target ->> 'branch',
    (standing -> 'key' ->> 'id')::uuid, (standing -> 'key' ->> 'account')::uuid, standing -> 'key' ->> 'owner', standing -> 'key' ->> 'last4',
    case when starts then actor ->> 'id' end, case when starts then verne.now() end,
    coalesce((actor ->> 'correlation')::uuid, gen_random_uuid()),
    (policy ->> 'approvals')::int, (policy ->> 'self_approval')::boolean,
    case when not starts then verne.now() + (policy ->> 'expire_hours')::int * interval '1 hour' end,
    coalesce((wish ->> 'plan_review')::boolean, (policy ->> 'plan_review')::boolean))
  returning * into task;
  if approves then
    insert into verne.approvals (task_id, approver) values (task.id, actor ->> 'id');
  end if;
  return task;
end $$;

-- A person tells Jules something in the task's session: the answer to a question, changes to a plan, or anything else. It is
-- kept, and sent as soon as Jules takes it. The same request key gives the first answer again. `wish`: kind, text, about.
create or replace function public.instruct_task(actor jsonb, task_id text, request_key text, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'kind', wish -> 'kind', 'text_length', length(wish ->> 'text'));
  task public.tasks;
  operation text;
  gate jsonb;
  refusal jsonb;
begin
  if exists (select from verne.instructions i where i.request_key = instruct_task.request_key and i.task_id = instruct_task.task_id::uuid) then
    return jsonb_build_object('kind', 'told', 'task', verne.task_view(instruct_task.task_id::uuid));
  end if;
  select * into task from public.tasks t where t.id = instruct_task.task_id::uuid;
  operation := case when task.discord_user_id = actor ->> 'id' then 'task.steer_own' else 'task.steer' end;
  gate := verne.authorise(actor, operation, args, jsonb_build_object('repo', task.repo, 'branch', task.branch));
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  -- Two answers at once: the second one sees the first.
  select * into task from public.tasks t where t.id = instruct_task.task_id::uuid for update;
  refusal := case when task.guild_id is distinct from (gate ->> 'guild')::uuid then jsonb_build_object('kind', 'unknown_task')
    else verne.instruction_refused(task, wish) end;
  if refusal is not null then
    perform verne.append_audit(actor, operation, 'refused: ' || (refusal ->> 'kind'), args);
    return refusal || case when refusal ->> 'kind' <> 'unknown_task' then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
  end if;
  insert into verne.instructions (task_id, kind, author, text, about, marker, request_key)
  values (task.id, wish ->> 'kind', actor ->> 'id', wish ->> 'text', wish ->> 'about', verne.new_marker(), instruct_task.request_key);
  perform verne.publish_event('task.instructed', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id', 'kind', wish -> 'kind'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'told', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.instruct_task from public, anon, authenticated;
grant execute on function public.instruct_task to service_role, verne_worker;

-- Why a task's session takes no instruction of this kind now; null where it does. What was asked or planned meanwhile, and
-- who answered it first, is told instead of being passed on.
create or replace function verne.instruction_refused(task public.tasks, wish jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  session verne.sessions;
  earlier verne.instructions;
begin
  select * into session from verne.sessions s where s.task_id = task.id;
  select * into earlier from verne.instructions i
  where i.task_id = task.id and i.about = wish ->> 'about' and i.kind = wish ->> 'kind' and i.state <> 'refused';
  return case
    when task.status = 'pending_confirmation' then jsonb_build_object('kind', 'not_started')
    when task.status not in ('in_progress', 'completed') or session.archived_at is not null then jsonb_build_object('kind', 'too_late')
    when wish ->> 'kind' = 'answer' and (wish ->> 'about' = verne.open_question(session)) is not true then jsonb_build_object('kind', 'stale_question')
    when wish ->> 'kind' = 'changes' and (session.phase in ('plan_review', 'approving') and wish ->> 'about' = left(verne.newest_plan(task.id), 12)) is not true
      then jsonb_build_object('kind', 'stale_plan')
    when wish ->> 'kind' = 'changes' and session.approved_hash = verne.newest_plan(task.id) then jsonb_build_object('kind', 'plan_approved', 'by', session.approved_by)
    when earlier.id is not null then jsonb_build_object('kind', 'answered', 'by', earlier.author)
    when (select count(*) from verne.instructions i where i.task_id = task.id and i.state = 'waiting') >= 20 then jsonb_build_object('kind', 'too_many')
  end;
end $$;

-- The hash of a task's newest plan; null where there is none.
create or replace function verne.newest_plan(task_id uuid) returns text
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (select p.hash from verne.plans p where p.task_id = newest_plan.task_id order by p.created_at desc limit 1);
end $$;

-- The question that Jules waits for an answer to, as short as a button can name it; null where it waits for none.
create or replace function verne.open_question(session verne.sessions) returns text
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select left(md5(a.name), 8) from verne.activities a
    where session.phase = 'needs_input' and session.ended_at is null and a.task_id = session.task_id and a.kind = 'agentMessaged'
    order by a.created_at desc, a.name desc limit 1);
end $$;

-- A plan that nobody approved in Jules's time is made once more, by a new session in the place of the old one.
create or replace function public.plan_again(actor jsonb, task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id);
  task public.tasks;
  session verne.sessions;
  operation text;
  gate jsonb;
begin
  select * into task from public.tasks t where t.id = plan_again.task_id::uuid;
  operation := case when task.discord_user_id = actor ->> 'id' then 'task.steer_own' else 'task.steer' end;
  gate := verne.authorise(actor, operation, args, jsonb_build_object('repo', task.repo, 'branch', task.branch));
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  perform verne.lock_account(task.account_id); -- before its tasks, as everywhere
  select * into task from public.tasks t where t.id = plan_again.task_id::uuid for update;
  select * into session from verne.sessions s where s.task_id = task.id;
  gate := jsonb_build_object('kind', case
    when task.guild_id is distinct from (gate ->> 'guild')::uuid then 'unknown_task'
    when task.status <> 'in_progress' or session.phase <> 'plan_expired' then 'too_late'
    when public.renew_session(plan_again.task_id, session.revision) ->> 'kind' = 'renewed' then 'renewed'
    else 'too_late' end);
  perform verne.append_audit(actor, operation, case gate ->> 'kind' when 'renewed' then 'allowed' else 'refused: ' || (gate ->> 'kind') end, args);
  return gate || case when gate ->> 'kind' is distinct from 'unknown_task' then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
end $$;
revoke all on function public.plan_again from public, anon, authenticated;
grant execute on function public.plan_again to service_role, verne_worker;

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
    order by i.created_at, i.id limit 1);
end $$;
revoke all on function public.read_instruction from public, anon, authenticated;
grant execute on function public.read_instruction to service_role, verne_worker;

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
      'finishing_since', s.finishing_since, 'ended_at', s.ended_at, 'archived_at', s.archived_at, 'reported_pr', s.reported_pr, 'revision', s.revision,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      'plan_review', t.plan_review, 'plan_hash', verne.newest_plan(t.id), 'approved_hash', s.approved_hash,
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
    phase_since = case when coalesce(change ->> 'phase', s.phase) <> s.phase then verne.now() else s.phase_since end,
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
  if session.phase_since = verne.now() then -- for those who wait for another phase, not for each step
    perform verne.publish_event('session.turned', 'task:' || task.id, jsonb_build_object('phase', session.phase),
      jsonb_build_object('tenant', session.tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
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

-- Reminds people of what waits for them: `first_ms` after it began to wait, then every `again_ms`; first those it waits for,
-- from the second time on the approvers as well. Gives back until when it is silent, or that nothing waits.
create or replace function public.remind_task(task_id text, first_ms bigint, again_ms bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
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
  nth := floor(greatest(0, extract(epoch from verne.now() - (waits ->> 'since')::timestamptz) * 1000 - first_ms) / again_ms)::int;
  due := (waits ->> 'since')::timestamptz + (first_ms + nth * again_ms) * interval '1 millisecond';
  if due <= verne.now() then
    notice := verne.standing_notice(task.guild_id);
    perform verne.add_message('task:' || task.id, 'note', 'reminder', jsonb_build_object('place', 'channel', 'id', task.channel_id),
      jsonb_build_object('what', waits -> 'what', 'since', waits -> 'since', 'guild_id', notice -> 'guild_id', 'mention', jsonb_build_object(
        'people', case when waits ->> 'whom' = 'requester' then jsonb_build_array(task.discord_user_id) else '[]' end
          || case when waits ->> 'whom' = 'approvers' or nth > 0 then notice -> 'people' else '[]' end,
        'roles', case when waits ->> 'whom' = 'approvers' or nth > 0 then notice -> 'roles' else '[]' end)),
      'task:' || task.id || ':reminder:' || extract(epoch from (waits ->> 'since')::timestamptz) || ':' || nth);
    perform verne.publish_event('task.reminded', 'task:' || task.id, jsonb_build_object('what', waits -> 'what'),
      jsonb_build_object('tenant', notice ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
    due := due + again_ms * interval '1 millisecond';
  end if;
  return jsonb_build_object('kind', 'waits', 'until', due);
end $$;
revoke all on function public.remind_task from public, anon, authenticated;
grant execute on function public.remind_task to service_role, verne_worker;

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
    finishing_since = null, approved_hash = null, approved_by = null, phase_since = verne.now(), revision = s.revision + 1
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

-- What may be asked of a task's session now, beside the verbs of the task itself.
create or replace function verne.session_verbs(task public.tasks, session verne.sessions) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(given.verb), '[]') from (values
      ('approve_plan', session.phase = 'plan_review' and task.status = 'in_progress' and verne.newest_plan(task.id) is not null),
      ('ask_changes', session.phase = 'plan_review' and task.status = 'in_progress' and verne.newest_plan(task.id) is not null),
      ('answer', task.status = 'in_progress' and verne.open_question(session) is not null),
      ('reply', task.status = 'in_progress' and session.name is not null and session.phase in ('working', 'paused', 'unknown', 'finishing')),
      ('follow_up', task.status = 'completed' and session.name is not null and session.archived_at is null),
      ('plan_again', task.status = 'in_progress' and session.phase = 'plan_expired')) given(verb, holds)
    where given.holds is true);
end $$;

-- What became of an instruction: 'delivered'; 'refused', with the problem; or its intent is taken back: 'certainly' not sent,
-- or looked for in vain ('lost'), which counts. Who wrote it reads the outcome in the task's thread.
create or replace function public.settle_instruction(id text, outcome text, problem text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  told verne.instructions;
  task public.tasks;
  tenant text;
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
    perform verne.add_message('task:' || task.id, 'note', case told.state when 'delivered' then 'told' else 'untold' end,
      jsonb_build_object('place', 'thread', 'id', task.channel_id),
      jsonb_build_object('by', told.author, 'kind', told.kind, 'text', told.text, 'problem', told.problem, 'guild_id', tenant),
      'task:' || task.id || ':instruction:' || told.id);
    perform verne.publish_event(case told.state when 'delivered' then 'task.instruction_delivered' else 'task.updated' end, 'task:' || task.id,
      jsonb_build_object('kind', told.kind), jsonb_build_object('tenant', tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  end if;
  return jsonb_build_object('kind', told.state);
end $$;
revoke all on function public.settle_instruction from public, anon, authenticated;
grant execute on function public.settle_instruction to service_role, verne_worker;

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
        'ended_at', s.ended_at, 'recreated', s.recreated, 'question', verne.open_question(s),
        'plan_approved_by', s.approved_by, 'untold', (select count(*) from verne.instructions i where i.task_id = t.id and i.state = 'waiting'),
        -- What is about to begin stands still in a pause; what was asked of Jules by then goes on.
        'paused', case when s.phase in ('queued', 'opening', 'approving') and s.attempted_at is null and s.ended_at is null then
          case when verne.is_paused('') then 'everywhere' when verne.is_paused(s.tenant) then 'here' end end,
        -- Where its intent still stands, nobody could look for what came of it: the key is gone.
        'unsure_because', case when s.phase = 'unsure' then case when s.attempted_at is null then 'attempts' else 'key' end end) end,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      'plan_hash', left(verne.newest_plan(t.id), 12), 'plan_review', t.plan_review,
      'parent', (select o.number from public.tasks o where o.id = t.parent),
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
  end;
end $$;

reset check_function_bodies;
