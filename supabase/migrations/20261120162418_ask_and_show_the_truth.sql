set check_function_bodies = off;

-- Changes a budget. `budget`: kind (person, role, server), id, per_day, at_once. Of the two limits the one that is not named
-- stays as it is, and null takes it away; a budget without either is gone. A person's own entry is set by somebody else, as
-- it is raised.
create or replace function public.change_budget(actor jsonb, budget jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('budget', budget - 'id') || case budget ->> 'kind'
    when 'person' then jsonb_build_object('person', nullif(budget ->> 'id', '')) else jsonb_build_object('id', budget -> 'id') end;
  gate jsonb := verne.authorise(actor, 'settings.change', args);
  held verne.budgets;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if budget ->> 'kind' = 'person' and budget ->> 'id' = actor ->> 'id' then
    perform verne.append_audit(actor, 'settings.change', 'refused: own_budget', args);
    return jsonb_build_object('kind', 'own_budget');
  end if;
  -- Two who change one budget at once do so one after the other, each from what the other left.
  perform from public.guilds g where g.id = (gate ->> 'guild')::uuid for update;
  delete from verne.budgets b where b.guild_id = gate ->> 'guild_id' and b.kind = budget ->> 'kind' and b.id = coalesce(budget ->> 'id', '')
  returning b.* into held;
  held.per_day := case when budget ? 'per_day' then (budget ->> 'per_day')::int else held.per_day end;
  held.at_once := case when budget ? 'at_once' then (budget ->> 'at_once')::int else held.at_once end;
  if num_nonnulls(held.per_day, held.at_once) > 0 then
    insert into verne.budgets (guild_id, kind, id, per_day, at_once)
    values (gate ->> 'guild_id', budget ->> 'kind', coalesce(budget ->> 'id', ''), held.per_day, held.at_once);
  end if;
  perform verne.append_audit(actor, 'settings.change', 'allowed', args);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_budget from public, anon, authenticated;
grant execute on function public.change_budget to service_role, verne_worker;

-- The budgets of this actor's server, what was raised there and still holds, and what binds the actor.
create or replace function verne.limits_here(actor jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return jsonb_build_object(
    'budgets', (select coalesce(jsonb_agg(to_jsonb(b) - 'guild_id' order by b.kind, b.id), '[]')
      from verne.budgets b where b.guild_id = actor ->> 'guild'),
    'raises', (select coalesce(jsonb_agg(jsonb_build_object('person', r.person_id, 'extra', r.extra, 'until', r.until) order by r.until), '[]')
      from verne.raises r where r.guild_id = actor ->> 'guild' and r.until > verne.now()),
    'yours', (select jsonb_build_object('per_day', b.per_day, 'at_once', b.at_once) from verne.budget_of(actor) b));
end $$;

-- The refusal of one who may not, with the roles that would be needed: those of the server's lists, then those with a grant.
-- A server that nothing is known of yet has none.
create or replace function verne.needed_roles(actor jsonb, operation text, guild public.guilds) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare listed jsonb := case
  when operation in ('task.confirm', 'task.cancel', 'limits.raise') then guild.permissions -> 'confirm_roles'
  when operation = 'task.create' then (guild.permissions -> 'create_roles') || (guild.permissions -> 'confirm_roles')
  else '[]'::jsonb end;
begin
  return jsonb_build_object('kind', 'not_permitted', 'operation', needed_roles.operation, 'roles', coalesce(listed, '[]') || (
    select coalesce(jsonb_agg(distinct g.role_id), '[]') from verne.grants_for(guild.guild_id, needed_roles.operation) g
    where (listed ? g.role_id) is not true));
end $$;

-- Takes one action from what a person, a person here, and the server are allowed (GCRA): null, or the refusal with the time
-- to wait. What is refused takes nothing, so nobody spends what others are allowed by being too fast. It is refused at the
-- first look, before any row is locked or written, so a flood costs a look each; of refusals in a row only the first is
-- audited.
create or replace function verne.take_rate(actor jsonb, operation text, args jsonb default '{}') returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  refusal jsonb := coalesce(verne.too_fast(actor, false), verne.too_fast(actor, true));
  bound record;
  instant timestamptz;
begin
  if refusal is not null then
    update verne.rates r set is_told = true where r.key = refusal ->> 'key' and not r.is_told;
    if found then
      perform verne.append_audit(actor, take_rate.operation, 'refused: too_fast', args);
    end if;
    return refusal - 'key';
  end if;
  for bound in select * from verne.rate_bounds(actor) loop
    instant := verne.now();
    update verne.rates r set tat = greatest(least(r.tat, instant + bound.room - bound.step), instant) + bound.step, is_told = false
    where r.key = bound.key;
  end loop;
  return null;
end $$;

-- Whether one more action of this actor would be too fast (GCRA): null, or the refusal with the time to wait and the `key`
-- of the allowance that is empty. With `holds` the rows are held, and the instant is read when they are: one from before
-- would find them too full, as if the clock had been set back.
create or replace function verne.too_fast(actor jsonb, holds boolean) returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  bound record;
  tat timestamptz;
  instant timestamptz;
  longest interval := interval '0';
  refusal jsonb;
begin
  for bound in select * from verne.rate_bounds(actor) loop
    if holds then
      tat := verne.hold_rate(bound.key);
    else
      select r.tat into tat from verne.rates r where r.key = bound.key;
    end if;
    instant := verne.now();
    -- A clock that was set back makes nobody wait longer than an empty allowance does.
    if tat + bound.step - bound.room - instant > longest and tat <= instant + bound.room then
      longest := tat + bound.step - bound.room - instant;
      refusal := jsonb_build_object('kind', 'too_fast', 'wait_ms', ceil(extract(epoch from longest) * 1000)::int,
        'whose', case bound.scope when 'server' then 'server' else 'person' end, 'key', bound.key);
    end if;
  end loop;
  return refusal;
end $$;

-- Why the gate would refuse this actor now, or null: for a door that asks for more before it acts. It takes, makes and audits
-- nothing. `scope` is what is known of where it would act: repo, branch.
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
    when would_refuse.operation = 'task.confirm' and verne.is_paused(guild.guild_id) then
      jsonb_build_object('kind', 'paused', 'by', guild.paused_by, 'since', guild.paused_at) end;
end $$;

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
    jsonb_build_object('repo', task.repo, 'branch', task.branch));
  if refusal is not null then
    return refusal;
  end if;
  if task.id is null then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  if task.status = 'pending_confirmation' and task.expires_at <= verne.now() then
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

-- The budgets of a server, what is used of them now, and what was raised: as its members may see them. Of people those are
-- named who have an entry of their own, and who asks.
create or replace function public.read_limits(actor jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  gate jsonb := verne.authorise(actor, 'settings.read');
  limits jsonb;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  limits := verne.limits_here(actor);
  perform verne.append_audit(actor, 'settings.read', 'allowed');
  return limits || jsonb_build_object('kind', 'limits', 'used', verne.used_by(
    array(select b ->> 'id' from jsonb_array_elements(limits -> 'budgets') b where b ->> 'kind' = 'person') || (actor ->> 'id'),
    (gate ->> 'guild')::uuid));
end $$;
revoke all on function public.read_limits from public, anon, authenticated;
grant execute on function public.read_limits to service_role, verne_worker;

-- How many tasks a server (person null) and these people asked for in the last 24 hours, and how many of theirs are open, as
-- budgets count them. Whoever asked for none is not named.
create or replace function verne.used_by(people text[], guild uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('person', u.person, 'day', u.day, 'open', u.open)), '[]') from (
      select t.discord_user_id as person, count(*) filter (where t.created_at > verne.now() - interval '24 hours') as day,
        count(*) filter (where t.status in ('pending_confirmation', 'in_progress')) as open
      from public.tasks t where t.guild_id = used_by.guild and t.status not in ('rejected', 'expired')
        and (t.created_at > verne.now() - interval '24 hours' or t.status in ('pending_confirmation', 'in_progress'))
      group by grouping sets ((t.discord_user_id), ())) u
    where u.person is null or u.person = any(used_by.people));
end $$;

reset check_function_bodies;
