set check_function_bodies = off;

-- Something is to be shown: a card, kept true by editing, or a note, sent once. `at`: {place: channel | thread | dm, id}.
-- A known dedupe key changes nothing. In a server that the bot was removed from it is parked at once.
create or replace function verne.add_message(subject text, kind text, view text, at jsonb, facts jsonb, dedupe text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  insert into verne.messages (subject, kind, view, place, place_id, facts, dedupe, parked_reason)
  values (add_message.subject, add_message.kind, add_message.view, at ->> 'place', at ->> 'id', coalesce(add_message.facts, '{}'), add_message.dedupe,
    case when verne.has_left(verne.server_of(add_message.subject, add_message.facts)) then 'The bot was removed from the server.' end)
  on conflict do nothing;
end $$;

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
    sending_since = verne.now()
  where m.id = message.id
  returning * into message;
  return jsonb_build_object('kind', 'begun', 'intent', message.sending_since, 'unsure_until', message.unsure_until,
    'settles', coalesce(message.unsure_until <= message.sending_since, false), 'announced', message.announced_at is not null);
end $$;
revoke all on function public.begin_message from public, anon, authenticated;
grant execute on function public.begin_message to service_role, verne_worker;

-- Forgets what was said to a person alone, what was said of their own `subjects`, and their id in what was said of others.
-- A note of theirs that was not sent yet is sent no more; a card stays, to be shown without them.
create or replace function verne.forget_messages(person text, subjects text[]) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  delete from verne.messages m where m.place = 'dm' and m.place_id = forget_messages.person;
  update verne.messages m set facts = jsonb_strip_nulls(jsonb_build_object('guild_id', m.facts -> 'guild_id')),
    parked_reason = case when m.message_id is null then coalesce(m.parked_reason, 'The person was forgotten.') else m.parked_reason end
  where m.kind = 'note' and m.subject = any (forget_messages.subjects);
  update verne.messages m set
    facts = regexp_replace(m.facts::text, '\m' || forget_messages.person || '\M', '000000000000000000', 'g')::jsonb,
    dedupe = case when m.dedupe ~ ('\m' || forget_messages.person || '\M') then 'forgotten:' || m.id else m.dedupe end
  where m.facts::text || ' ' || m.dedupe ~ ('\m' || forget_messages.person || '\M');
end $$;

-- The bot was removed from a server: what it still had to say there is parked. It was added again: that is said after all,
-- and the cards become true again.
create or replace function public.park_guild(guild_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  reason text := 'The bot was removed from the server.';
  changed record;
  messages int := 0;
begin
  for changed in
    update verne.messages m set parked_reason = case when verne.has_left(park_guild.guild_id) then reason end
    where m.parked_reason is not distinct from case when verne.has_left(park_guild.guild_id) then null else reason end
      and (m.message_id is null or m.kind = 'card') and verne.server_of(m.subject, m.facts) = park_guild.guild_id
    returning m.subject
  loop
    messages := messages + 1;
    continue when verne.has_left(park_guild.guild_id);
    perform verne.publish_event('card.returned', changed.subject, '{}', jsonb_build_object('tenant', park_guild.guild_id, 'source', 'discord'));
  end loop;
  if not verne.has_left(park_guild.guild_id) then -- what Discord refused between the removal and the news of it
    for changed in
      update verne.messages m set thread_problem = null,
        parked_reason = case when m.parked_reason = 'forbidden' and m.message_id is null then null else m.parked_reason end
      where m.kind = 'card' and (m.thread_problem is not null or m.parked_reason = 'forbidden' and m.message_id is null)
        and verne.server_of(m.subject, m.facts) = park_guild.guild_id
      returning m.subject
    loop
      perform verne.publish_event('card.returned', changed.subject, '{}', jsonb_build_object('tenant', park_guild.guild_id, 'source', 'discord'));
    end loop;
  end if;
  return jsonb_build_object('kind', case when verne.has_left(park_guild.guild_id) then 'parked' else 'returned' end, 'count', messages);
end $$;
revoke all on function public.park_guild from public, anon, authenticated;
grant execute on function public.park_guild to service_role, verne_worker;

-- Forgets what is old, a bounded batch at a time: notes that were sent or set aside 90 days ago. Cards are edited for as long
-- as their subject lives.
create or replace function public.prune_messages(batch int default 1000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare notes int;
begin
  delete from verne.messages where id in (
    select m.id from verne.messages m
    where m.kind = 'note' and m.created_at < verne.now() - interval '90 days' and m.sending_since is null
      and (m.parked_reason is not null or m.posted_at < verne.now() - interval '90 days')
    limit batch for update skip locked);
  get diagnostics notes = row_count;
  return jsonb_build_object('notes', notes);
end $$;
revoke all on function public.prune_messages from public, anon, authenticated;
grant execute on function public.prune_messages to service_role, verne_worker;

-- The server that something is said about; a note without one is about what its subject's card is about.
create or replace function verne.server_of(subject text, facts jsonb) returns text
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return coalesce(facts ->> 'guild_id', (
    select m.facts ->> 'guild_id' from verne.messages m where m.subject = server_of.subject and m.kind = 'card' order by m.seq limit 1));
end $$;

-- Forgets a person among what was published, and what was said of their own `subjects`; and their id in the story of failures.
create or replace function verne.forget_facts(person text, subjects text[]) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare the_id text := '\m' || person || '\M';
begin
  update verne.events e set payload = e.payload - 'by' - 'error' - 'problem'
  where e.payload ->> 'by' = forget_facts.person or e.key = any (forget_facts.subjects) and e.payload ?| array['by', 'error', 'problem'];
  update verne.deliveries d set last_error = regexp_replace(d.last_error, the_id, '000000000000000000', 'g') where d.last_error ~ the_id;
  update verne.failures f set error = regexp_replace(f.error, the_id, '000000000000000000', 'g') where f.error ~ the_id;
end $$;

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

-- What a Jules account allows: sessions in any 24 hours, and at once.
create or replace function verne.account_limits(account_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('plan', a.plan, 'per_day', a.per_day, 'at_once', a.at_once) from verne.accounts a where a.id = account_limits.account_id);
end $$;

-- Records what an actor did or was refused, in the transaction of what it records. Each entry's hash covers the one before
-- it: sha256 of that hash and the entry's text. Always the last lock taken.
create or replace function verne.append_audit(actor jsonb, operation text, outcome text, args jsonb default '{}') returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  entry verne.audit;
  last verne.audit;
begin
  entry.guild_id := coalesce(actor ->> 'guild', '');
  entry.person := verne.person_ref(actor ->> 'id');
  entry.args := verne.without_names(coalesce(append_audit.args, '{}'));
  perform pg_advisory_xact_lock(hashtextextended('audit:' || entry.guild_id, 7));
  select * into last from verne.audit a where a.guild_id = entry.guild_id order by a.seq desc limit 1;
  entry.seq := coalesce(last.seq, 0) + 1;
  entry.at := verne.now();
  entry.door := actor ->> 'door';
  entry.command := actor ->> 'command';
  entry.operation := append_audit.operation;
  entry.channel_id := case when entry.guild_id <> '' then actor ->> 'channel' end; -- elsewhere it is one person's own
  entry.outcome := append_audit.outcome;
  entry.correlation_id := (actor ->> 'correlation')::uuid;
  entry.hash := sha256(coalesce(last.hash, '') || convert_to(verne.audit_entry(entry), 'UTF8'));
  insert into verne.audit select entry.*;
end $$;

-- What an entry's hash is taken of, as text that an export carries word for word. Time in UTC, to the microsecond.
create or replace function verne.audit_entry(entry verne.audit) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_array(entry.guild_id, entry.seq, to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), entry.person,
    entry.door, entry.command, entry.operation, entry.args, entry.channel_id, entry.outcome, entry.correlation_id)::text;
end $$;

drop function verne.authorise(actor jsonb, operation text, args jsonb);
-- The one gate: the first statement of every function that acts for a person. Answers {kind: allowed} with what applies to
-- the actor, or why not; a refusal is audited here. `scope` is what is known of where it would act: repo, branch.
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
    when authorise.operation in ('task.create', 'task.confirm') and verne.is_paused(guild.guild_id) then
      jsonb_build_object('kind', 'paused', 'by', guild.paused_by, 'since', guild.paused_at)
    when authorise.operation = 'task.create' then verne.out_of_bounds(actor, scope) end;
  if refusal is not null then
    perform verne.append_audit(actor, authorise.operation, 'refused: ' || (refusal ->> 'kind'), args);
    return refusal;
  end if;
  return jsonb_build_object('kind', 'allowed') || verne.standing(actor, guild);
end $$;

-- What a person may ask for here: their own entry, else the most generous of their roles, else everybody's. Null: no limit.
create or replace function verne.budget_of(actor jsonb, out per_day int, out at_once int) returns record
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  select case when bool_and(b.per_day is not null) then max(b.per_day) end,
    case when bool_and(b.at_once is not null) then max(b.at_once) end into budget_of.per_day, budget_of.at_once
  from (
    select b.*, rank() over (order by case when b.kind = 'role' then 2 when b.id = '' then 3 else 1 end) as place
    from verne.budgets b
    where b.guild_id = actor ->> 'guild' and (b.kind = 'person' and b.id in ('', actor ->> 'id')
      or b.kind = 'role' and actor -> 'roles' ? b.id)) b
  where b.place = 1;
end $$;

-- What an actor may do here and why, for each operation: by Manage Server, a list of roles, a grant; or what stands against
-- it. `scope` (repo, branch) asks about one place; without it `where` names the places that a limited grant is for.
create or replace function public.can_i(actor jsonb, scope jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  gate jsonb := verne.authorise(actor, 'settings.read', jsonb_strip_nulls(scope));
  place jsonb := coalesce(scope, '{}');
  guild public.guilds;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into guild from public.guilds g where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.read', 'allowed', jsonb_strip_nulls(place));
  return jsonb_build_object('kind', 'answers', 'bounds', verne.out_of_bounds(actor, place),
    'paused', case when verne.is_paused(guild.guild_id) then jsonb_build_object('by', guild.paused_by, 'since', guild.paused_at) end,
    'budget', (select jsonb_build_object('per_day', b.per_day, 'at_once', b.at_once) from verne.budget_of(actor) b),
    'named_roles', (select coalesce(jsonb_agg(distinct g.role), '[]') from verne.grants g
      where g.guild_id = guild.guild_id and g.role is not null and actor -> 'roles' ? g.role_id),
    'operations', (select jsonb_agg(jsonb_build_object('operation', o.operation, 'may', verne.may(actor, o.operation, guild, place) is true,
        'roles', verne.needed_roles(actor, o.operation, guild) -> 'roles',
        'where', case when verne.may(actor, o.operation, guild, null) is true then '[]' else (
          select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('repo', g.repo, 'branch', g.branch, 'channel', g.channel_id))), '[]')
          from verne.grants_for(guild.guild_id, o.operation) g where actor -> 'roles' ? g.role_id) end) order by o.operation)
      from verne.role_operations o where o.role = 'admin'));
end $$;
revoke all on function public.can_i from public, anon, authenticated;
grant execute on function public.can_i to service_role, verne_worker;

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

-- Sets a budget, or removes it where both limits are null. `budget`: kind (person, role, server), id, per_day, at_once.
-- A person's own entry is set by somebody else, as it is raised.
create or replace function public.change_budget(actor jsonb, budget jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('budget', budget - 'id') || case budget ->> 'kind'
    when 'person' then jsonb_build_object('person', nullif(budget ->> 'id', '')) else jsonb_build_object('id', budget -> 'id') end;
  gate jsonb := verne.authorise(actor, 'settings.change', args);
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if budget ->> 'kind' = 'person' and budget ->> 'id' = actor ->> 'id' then
    perform verne.append_audit(actor, 'settings.change', 'refused: own_budget', args);
    return jsonb_build_object('kind', 'own_budget');
  end if;
  delete from verne.budgets b where b.guild_id = gate ->> 'guild_id' and b.kind = budget ->> 'kind' and b.id = coalesce(budget ->> 'id', '');
  if budget ->> 'per_day' is not null or budget ->> 'at_once' is not null then
    insert into verne.budgets (guild_id, kind, id, per_day, at_once)
    values (gate ->> 'guild_id', budget ->> 'kind', coalesce(budget ->> 'id', ''), (budget ->> 'per_day')::int, (budget ->> 'at_once')::int);
  end if;
  perform verne.append_audit(actor, 'settings.change', 'allowed', args);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_budget from public, anon, authenticated;
grant execute on function public.change_budget to service_role, verne_worker;

-- Grants a Discord role a named role or an operation, or takes it back. `wish`: give, role_id, role or operation, and where:
-- repo, branch, channel_id. Says whether that changed anything; a server has room for 200.
create or replace function public.change_grant(actor jsonb, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  gate jsonb := verne.authorise(actor, 'settings.change', jsonb_build_object('grant', wish));
  gives boolean := (wish ->> 'give')::boolean is true;
  is_limited boolean := num_nonnulls(wish ->> 'repo', wish ->> 'branch', wish ->> 'channel_id') > 0;
  has_changed boolean;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if wish ->> 'operation' is not null and not exists (
    select from verne.role_operations o where o.role = 'admin' and o.operation = wish ->> 'operation') then
    return jsonb_build_object('kind', 'unknown_operation', 'operations', (
      select jsonb_agg(o.operation order by o.operation) from verne.role_operations o where o.role = 'admin'));
  end if;
  if gives and is_limited and wish ->> 'operation' not like 'task.%' and wish ->> 'operation' not like 'ops.%' then
    return jsonb_build_object('kind', 'not_limited');
  end if;
  if gives and (select count(*) from verne.grants g where g.guild_id = gate ->> 'guild_id') >= 200 then
    return jsonb_build_object('kind', 'too_many', 'most', 200);
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

-- Changes the settings named in `changes` and leaves the rest: create_roles, confirm_roles, default_repo, default_branch,
-- approver_notice, approver_people, approvals_needed, self_approval, expire_hours, key_rule.
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
    key_rule = coalesce(changes ->> 'key_rule', g.key_rule)
  where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.change', 'allowed', changes);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_settings from public, anon, authenticated;
grant execute on function public.change_settings to service_role, verne_worker;

-- A sealed key with what its seal is bound to, or the one that its owner entered in its stead for the same Jules account;
-- null where it was revoked.
create or replace function verne.find_key(key_id uuid) returns verne.keys
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare found verne.keys;
begin
  select k.* into found from verne.keys asked join verne.keys k on k.account_id = asked.account_id and k.revoked_at is null
    and k.guild_id is not distinct from asked.guild_id and k.owner_id is not distinct from asked.owner_id
  where asked.id = find_key.key_id;
  return found;
end $$;

-- Whether a name is of a pattern, in which `*` stands for any characters. GitHub's repositories are the same in large and
-- small letters, so they are asked in small ones; branches are not.
create or replace function verne.fits(name text, pattern text) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return name like replace(regexp_replace(pattern, '([\\%_])', '\\\1', 'g'), '*', '%');
end $$;

-- Removes what says who a person is: their row, sign-in, membership, choices, budgets, keys, and whom their pseudonym is of.
-- Gives back the ids of their own keys.
create or replace function verne.forget_identity(person text) returns uuid[]
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  nobody text := '000000000000000000';
  me uuid := (select u.id from public.users u where u.discord_id = person);
  mine uuid[] := array(select k.id from verne.keys k where k.owner_id = person);
begin
  delete from verne.keys k where k.owner_id = forget_identity.person;
  update verne.keys k set added_by = 'forgotten' where k.added_by = forget_identity.person;
  delete from verne.repo_choices r where r.kind = 'person' and r.id = forget_identity.person;
  delete from verne.members m where m.discord_id = forget_identity.person;
  delete from verne.budgets b where b.kind = 'person' and b.id = forget_identity.person;
  delete from verne.raises r where r.person_id = forget_identity.person;
  update verne.raises r set raised_by = nobody where r.raised_by = forget_identity.person;
  delete from verne.rates r where r.key = 'person:' || forget_identity.person or r.key like 'person_in_server:%:' || forget_identity.person;
  update public.guilds g set approver_people = array_remove(g.approver_people, forget_identity.person),
    paused_by = case g.paused_by when forget_identity.person then nobody else g.paused_by end,
    installer_user_id = nullif(g.installer_user_id, me)
  where forget_identity.person = any (g.approver_people) or g.paused_by = forget_identity.person or g.installer_user_id = me;
  update verne.service s set paused_by = nobody where s.paused_by = forget_identity.person;
  delete from auth.users u where u.id = me or u.id in (
    select i.user_id from auth.identities i where i.provider = 'discord' and i.provider_id = forget_identity.person);
  delete from public.users u where u.discord_id = forget_identity.person;
  update verne.people p set discord_id = null, salt = null where p.discord_id = forget_identity.person;
  return mine;
end $$;

-- Whether one of an actor's roles was granted an operation here. `scope` (repo, branch) is what is known of where; what is
-- not known yet is asked again when it is. A null scope is everywhere: only a grant without limits is as wide.
create or replace function verne.granted(actor jsonb, operation text, scope jsonb) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return exists (
    select from verne.grants_for(actor ->> 'guild', granted.operation) g
    where actor -> 'roles' ? g.role_id
      and (scope is not null or num_nonnulls(g.repo, g.branch, g.channel_id) = 0)
      and (g.channel_id is null or g.channel_id in (actor ->> 'channel', actor ->> 'parent_channel'))
      and (g.repo is null or scope ->> 'repo' is null or verne.fits(lower(scope ->> 'repo'), lower(g.repo)))
      and (g.branch is null or scope ->> 'branch' is null or verne.fits(scope ->> 'branch', g.branch)));
end $$;

-- The grants of a server that give an operation. What acts on the whole server is not given by one that is limited to
-- repositories, branches or a channel: it would be given everywhere.
create or replace function verne.grants_for(guild_id text, operation text) returns setof verne.grants
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query select g.* from verne.grants g
  where g.guild_id = grants_for.guild_id
    and (g.operation = grants_for.operation or exists (
      select from verne.role_operations o where o.role = g.role and o.operation = grants_for.operation))
    and (grants_for.operation like 'task.%' or grants_for.operation like 'ops.%' or num_nonnulls(g.repo, g.branch, g.channel_id) = 0);
end $$;

-- Whether anything is to be counted here at all; then the server's row is held until the request is stored.
create or replace function verne.has_budgets(guild_id text) returns boolean
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  perform from verne.budgets b where b.guild_id = has_budgets.guild_id limit 1;
  if not found then
    return false;
  end if;
  perform from public.guilds g where g.guild_id = has_budgets.guild_id for update;
  return true;
end $$;

-- Whether the bot was removed from a server.
create or replace function verne.has_left(guild_id text) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return exists (select from public.guilds g where g.guild_id = has_left.guild_id and g.left_at is not null);
end $$;

-- What was taken from an allowance, whose row is held until the transaction ends.
create or replace function verne.hold_rate(key text) returns timestamptz
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare tat timestamptz;
begin
  select r.tat into tat from verne.rates r where r.key = hold_rate.key for update;
  if tat is null then
    insert into verne.rates (key, tat) values (hold_rate.key, 'epoch') on conflict (key) do nothing;
    select r.tat into tat from verne.rates r where r.key = hold_rate.key for update;
  end if;
  return tat;
end $$;

-- Whether no new effect outside may begin for a server: it is paused, the whole service is, or the bot was removed.
create or replace function verne.is_paused(guild_id text) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return exists (select from verne.service s where s.paused_at is not null)
    or exists (select from public.guilds g where g.guild_id = is_paused.guild_id and (g.paused_at is not null or g.left_at is not null));
end $$;

-- The bot was added to a server. Its row is made by the first interaction; one that it had is taken up again.
create or replace function public.join_guild(guild_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.return_guild(join_guild.guild_id);
  return jsonb_build_object('kind', 'joined');
end $$;
revoke all on function public.join_guild from public, anon, authenticated;
grant execute on function public.join_guild to service_role, verne_worker;

-- Whether a stored key can still be used: it was not revoked, or its owner entered one of the same account in its stead.
create or replace function verne.key_opens(key_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (verne.find_key(key_opens.key_id)).id is not null;
end $$;

-- Whether Jules refuses a stored key, or the one that its owner entered in its stead. One that is gone is not refused.
create or replace function verne.key_refused(key_id uuid) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (verne.find_key(key_refused.key_id)).problem_at is not null;
end $$;

-- The keys that a request of this actor may use, the best first: their own alone, else of the server's those for the
-- channel, for one of their roles, or for everybody, whichever is nearest. Those that Jules refused come last.
create or replace function verne.keys_for(actor jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', near.id, 'account', near.account_id, 'last4', near.last4,
      'owner', case when near.owner_id is null then 'server' else 'person' end) order by near.problem_at is not null, near.added_at), '[]')
    from (
      select k.*, rank() over (order by case when k.owner_id is not null then 1 when k.channel_id is not null then 2
        when k.role_id is not null then 3 else 4 end) as place
      from verne.keys k
      where k.revoked_at is null and (k.owner_id = actor ->> 'id' or k.guild_id = actor ->> 'guild'
        and (k.channel_id is null or k.channel_id in (actor ->> 'channel', actor ->> 'parent_channel'))
        and (k.role_id is null or actor -> 'roles' ? k.role_id))) near
    where near.place = 1);
end $$;

-- The bot was removed from a server: no work and no posts there, until it is added again.
create or replace function public.leave_guild(guild_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  update public.guilds g set left_at = verne.now() where g.guild_id = leave_guild.guild_id and g.left_at is null;
  if found then
    perform verne.publish_event('guild.left', 'guild:' || leave_guild.guild_id, '{}',
      jsonb_build_object('tenant', leave_guild.guild_id, 'source', 'guilds'));
  end if;
  return jsonb_build_object('kind', 'left');
end $$;
revoke all on function public.leave_guild from public, anon, authenticated;
grant execute on function public.leave_guild to service_role, verne_worker;

-- Shows the newest key of a server or of a person as its last four, where a dashboard reads it.
create or replace function verne.mask_key(guild_id text, owner_id text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare mask text := (select '•••• ' || k.last4 from verne.keys k where k.revoked_at is null
  and k.guild_id is not distinct from mask_key.guild_id and k.owner_id is not distinct from mask_key.owner_id order by k.added_at desc limit 1);
begin
  update public.users u set jules_api_key = mask where u.discord_id = mask_key.owner_id;
  update public.guilds g set default_jules_api_key = mask where g.guild_id = mask_key.guild_id;
end $$;

drop function verne.may(actor jsonb, operation text, guild guilds);
-- Whether an actor may do an operation here: by Manage Server, by the server's lists of roles, or by a grant. Until a list
-- is set, Manage Server may what it is about; who may confirm may create. Asked with `is true`: null refuses.
create or replace function verne.may(actor jsonb, operation text, guild public.guilds, scope jsonb default '{}') returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  list text := case when operation in ('task.confirm', 'task.cancel') then 'confirm_roles' when operation = 'task.create' then 'create_roles' end;
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
    or operation = 'task.create' and verne.may(actor, 'task.confirm', guild, scope);
end $$;

-- The Discord accounts of who is signed in, as the provider proved them. Never `user_metadata`, which its owner may edit.
create or replace function verne.my_discord_ids() returns setof text
language sql stable security definer set search_path = '' as $$
  select i.provider_id from auth.identities i where i.user_id = (select auth.uid()) and i.provider = 'discord'
$$;
revoke all on function verne.my_discord_ids from public;
grant execute on function verne.my_discord_ids to authenticated;

-- The servers that who is signed in administers, while what the bot saw of them is fresh enough for the purpose: `read`
-- or `write`. Any other purpose finds none.
create or replace function verne.my_guilds(purpose text) returns setof text
language sql stable security definer set search_path = '' as $$
  select m.guild_id from verne.members m
  where m.discord_id in (select verne.my_discord_ids()) and m.is_admin
    and m.seen_at > (select verne.now()) - case purpose
      when 'read' then interval '60 minutes' when 'write' then interval '15 minutes' end
$$;
revoke all on function verne.my_guilds from public;
grant execute on function verne.my_guilds to authenticated;

-- The refusal of one who may not, with the roles that would be needed: those of the server's lists, then those with a grant.
create or replace function verne.needed_roles(actor jsonb, operation text, guild public.guilds) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare listed jsonb := case
  when operation in ('task.confirm', 'task.cancel', 'limits.raise') then guild.permissions -> 'confirm_roles'
  when operation = 'task.create' then (guild.permissions -> 'create_roles') || (guild.permissions -> 'confirm_roles')
  else '[]'::jsonb end;
begin
  return jsonb_build_object('kind', 'not_permitted', 'operation', needed_roles.operation, 'roles', listed || (
    select coalesce(jsonb_agg(distinct g.role_id), '[]') from verne.grants_for(guild.guild_id, needed_roles.operation) g
    where not listed ? g.role_id));
end $$;

-- What Jules says against a key. Says whether that is news, so that it is told once.
create or replace function verne.note_key_problem(key_id uuid, problem text) returns boolean
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.keys k set problem = note_key_problem.problem, problem_at = verne.now()
  where k.id = note_key_problem.key_id and k.problem is null and k.revoked_at is null;
  return found;
end $$;

-- Jules takes the keys of an account: what it said against them is over.
create or replace function verne.note_key_works(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.keys k set problem = null, problem_at = null where k.account_id = note_key_works.account_id and k.problem is not null;
end $$;

-- Keeps what a new master key sealed. Two processes that start at once agree on the first one's, which is given back.
create or replace function public.note_master_key(version text, known_answer text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare kept text;
begin
  insert into verne.master_keys (version, known_answer) values (note_master_key.version, note_master_key.known_answer)
  on conflict (version) do update set version = excluded.version returning known_answer into kept;
  return jsonb_build_object('kind', 'noted', 'known_answer', kept);
end $$;
revoke all on function public.note_master_key from public, anon, authenticated;
grant execute on function public.note_master_key to service_role, verne_worker;

-- What of a wish is outside what a server keeps to: 'channel', 'repo' or 'branch' with what is allowed; null where nothing is.
create or replace function verne.out_of_bounds(actor jsonb, scope jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare broken text;
begin
  select l.kind into broken from verne.allow_lists l where l.guild_id = actor ->> 'guild'
  group by l.kind having not bool_or(case l.kind
    when 'channel' then l.pattern in (actor ->> 'channel', actor ->> 'parent_channel')
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

-- Whether one more task would pass a budget of the person or of the server: null, or which, how much is used and when there
-- is room again. `spent` counts what was asked for: {person: {day, open}, server: {day, open}} with the day's instants,
-- oldest first. The server's row is held, so that two who ask at once are counted one after the other.
create or replace function verne.over_budget(actor jsonb, spent jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  bound record;
  used int;
  extra int;
begin
  for bound in
    select 'person' as whose, x.per_day, x.at_once from verne.budget_of(actor) x
    union all
    select 'server', b.per_day, b.at_once from verne.budgets b where b.guild_id = actor ->> 'guild' and b.kind = 'server'
  loop
    select coalesce(sum(r.extra), 0) into extra from verne.raises r
    where r.guild_id = actor ->> 'guild' and r.until > verne.now()
      and r.person_id is not distinct from case bound.whose when 'person' then actor ->> 'id' end;
    used := jsonb_array_length(spent -> bound.whose -> 'day');
    if used >= bound.per_day + extra then
      return jsonb_build_object('kind', 'over_budget', 'whose', bound.whose, 'limit', 'per_day', 'allowed', bound.per_day + extra, 'used', used,
        'again_at', case when bound.per_day + extra > 0
          then (spent -> bound.whose -> 'day' ->> (used - bound.per_day - extra))::timestamptz + interval '24 hours' end);
    end if;
    used := (spent -> bound.whose ->> 'open')::int;
    if used >= bound.at_once + extra then
      return jsonb_build_object('kind', 'over_budget', 'whose', bound.whose, 'limit', 'at_once', 'allowed', bound.at_once + extra, 'used', used);
    end if;
  end loop;
  return null;
end $$;

-- The kill switch of a server: while it is on, nothing new begins at Jules and no plan is approved. What runs goes on.
-- A pause that is not clearly ended (`pause` is false) stays or begins. Says who paused it, and whether the service is too.
create or replace function public.pause_guild(actor jsonb, pause boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('pause', pause);
  gate jsonb := verne.authorise(actor, 'guild.pause', args);
  guild public.guilds;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  update public.guilds g set paused_at = case when pause is not false then verne.now() end,
    paused_by = case when pause is not false then actor ->> 'id' end
  where g.id = (gate ->> 'guild')::uuid and (g.paused_at is null) = (pause is not false);
  if found then
    perform verne.publish_event(case when pause is not false then 'guild.paused' else 'guild.resumed' end, 'guild:' || (gate ->> 'guild_id'), '{}',
      jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'guilds'));
  end if;
  select * into guild from public.guilds g where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'guild.pause', 'allowed', args);
  return jsonb_build_object('kind', case when guild.paused_at is not null then 'paused_now' else 'resumed' end,
    'by', guild.paused_by, 'since', guild.paused_at, 'everywhere', verne.is_paused(''));
end $$;
revoke all on function public.pause_guild from public, anon, authenticated;
grant execute on function public.pause_guild to service_role, verne_worker;

-- The kill switch of the whole service, for whoever runs it.
create or replace function public.pause_service(actor jsonb, pause boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare service verne.service;
begin
  if actor ->> 'door' is distinct from 'operator' then
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

-- The pseudonym under which the audit knows a person, made when they are first named. It is a hash of their id and a salt
-- of their own, so that nobody can later say that it was another person's. A row that is there is not locked: whoever holds
-- the audit of a server would wait for it, and be waited for.
create or replace function verne.person_ref(discord_id text) returns uuid
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare found uuid;
begin
  loop
    select p.ref into found from verne.people p where p.discord_id = coalesce(person_ref.discord_id, '');
    exit when found is not null;
    insert into verne.people as p (ref, discord_id, salt)
    select encode(substring(sha256(convert_to(s.salt::text || ':' || coalesce(person_ref.discord_id, ''), 'UTF8')) for 16), 'hex')::uuid,
      coalesce(person_ref.discord_id, ''), s.salt
    from (select gen_random_uuid() as salt) s
    on conflict (discord_id) do nothing returning p.ref into found;
    exit when found is not null;
  end loop;
  return found;
end $$;

-- Forgets what is old, a bounded batch at a time: rates that are long full again, raises that are over, and in which servers
-- the bot last saw a person. What somebody holds at the moment is left for the next time.
create or replace function public.prune_limits(batch int default 1000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare rates int; raises int; members int;
begin
  delete from verne.rates where key in (
    select r.key from verne.rates r where r.tat < verne.now() - interval '1 day' limit batch for update skip locked);
  get diagnostics rates = row_count;
  delete from verne.raises where id in (
    select r.id from verne.raises r where r.until < verne.now() - interval '30 days' limit batch for update skip locked);
  get diagnostics raises = row_count;
  delete from verne.members m using (
    select o.guild_id, o.discord_id from verne.members o
    where o.seen_at < verne.now() - interval '90 days' limit batch for update skip locked) old
  where m.guild_id = old.guild_id and m.discord_id = old.discord_id;
  get diagnostics members = row_count;
  return jsonb_build_object('rates', rates, 'raises', raises, 'members', members);
end $$;
revoke all on function public.prune_limits from public, anon, authenticated;
grant execute on function public.prune_limits to service_role, verne_worker;

-- Gives a person, or (person null) the whole server, so many more tasks for a day. Nobody raises what binds themselves: a
-- person's own budget takes somebody else, a server's takes one who may change its settings.
create or replace function public.raise_budget(actor jsonb, person text, extra int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case when person is null then 'settings.change' else 'limits.raise' end;
  args jsonb := jsonb_build_object('person', raise_budget.person, 'extra', extra);
  gate jsonb := verne.authorise(actor, operation, args);
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if raise_budget.person = actor ->> 'id' then
    perform verne.append_audit(actor, operation, 'refused: own_budget', args);
    return jsonb_build_object('kind', 'own_budget');
  end if;
  insert into verne.raises (guild_id, person_id, extra, raised_by, until)
  values (gate ->> 'guild_id', raise_budget.person, raise_budget.extra, actor ->> 'id', verne.now() + interval '24 hours');
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'raised', 'until', verne.now() + interval '24 hours');
end $$;
revoke all on function public.raise_budget from public, anon, authenticated;
grant execute on function public.raise_budget to service_role, verne_worker;

-- What an action of this actor is taken from: the person anywhere, the person in this server, the server; each with the
-- time that one action costs (`step`) and the time that a full allowance is worth (`room`). In the order of locking.
create or replace function verne.rate_bounds(actor jsonb)
returns table (scope text, key text, step interval, room interval)
language sql stable set search_path = '' as $$
  select l.scope, k.key, interval '1 minute' / l.per_minute::float8, interval '1 minute' / l.per_minute::float8 * l.burst
  from verne.rate_limits l cross join lateral (select l.scope || ':' || case l.scope when 'person' then actor ->> 'id'
    when 'server' then actor ->> 'guild' else (actor ->> 'guild') || ':' || (actor ->> 'id') end) k(key)
  where k.key is not null and actor ->> 'door' is distinct from 'operator'
  order by k.key
$$;

-- A server's audit for an export or a check, from an entry on (null: from the first): its text, its hash, and who the person
-- is, if still known, with the salt that proves it. Entries that share a number come together: one of them is no entry.
create or replace function public.read_audit(guild_id text, after_seq text default null, slots int default 1000) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('seq', (found.entry).seq::text, 'entry', verne.audit_entry(found.entry),
      'hash', encode((found.entry).hash, 'hex'), 'person', (found.entry).person, 'discord_id', found.discord_id, 'salt', found.salt)
      order by (found.entry).seq), '[]')
    from (select a as entry, p.discord_id, p.salt from verne.audit a left join verne.people p on p.ref = a.person
      where a.guild_id = read_audit.guild_id and (read_audit.after_seq is null or a.seq > read_audit.after_seq::bigint)
      order by a.seq fetch first read_audit.slots rows with ties) found);
end $$;
revoke all on function public.read_audit from public, anon, authenticated;
grant execute on function public.read_audit to service_role, verne_worker;

-- The last entry of every server's chain. Who keeps a copy elsewhere will notice a chain that was rewritten or cut.
create or replace function public.read_audit_heads() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('guild_id', head.guild_id, 'seq', head.seq::text, 'hash', encode(head.hash, 'hex'))
      order by head.guild_id), '[]')
    from (select distinct on (a.guild_id) a.guild_id, a.seq, a.hash from verne.audit a order by a.guild_id, a.seq desc) head);
end $$;
revoke all on function public.read_audit_heads from public, anon, authenticated;
grant execute on function public.read_audit_heads to service_role, verne_worker;

-- A sealed key as the keyring alone may have it; null where it was revoked. That it was used is noted, to the minute.
create or replace function public.read_key(key_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare key verne.keys := verne.find_key(key_id::uuid);
begin
  if key.id is null then
    return null;
  end if;
  update verne.keys k set used_at = verne.now() where k.id = key.id and (k.used_at is null or k.used_at < verne.now() - interval '1 minute');
  return verne.sealed_key(key) || jsonb_build_object('last4', key.last4, 'account', key.account_id);
end $$;
revoke all on function public.read_key from public, anon, authenticated;
grant execute on function public.read_key to service_role, verne_worker;

-- The keys of one server, or of all and of people, for an operator: never more of them than the last four.
create or replace function public.read_keys(guild_id text default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('guild_id', k.guild_id, 'owner_id', k.owner_id, 'last4', k.last4, 'plan', a.plan,
      'per_day', a.per_day, 'at_once', a.at_once, 'role', k.role_id, 'channel', k.channel_id, 'added_at', k.added_at, 'used_at', k.used_at,
      'problem', k.problem, 'master_key', k.kek_version) order by k.guild_id, k.owner_id, k.added_at), '[]')
    from verne.keys k join verne.accounts a on a.id = k.account_id
    where k.revoked_at is null and (read_keys.guild_id is null or k.guild_id = read_keys.guild_id));
end $$;
revoke all on function public.read_keys from public, anon, authenticated;
grant execute on function public.read_keys to service_role, verne_worker;

-- Sealed keys that another master key than the active one still opens: some at a time, those behind `after`.
create or replace function public.read_keys_to_rewrap(version text, after text default null, slots int default 100) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(verne.sealed_key(k) || jsonb_build_object('last4', k.last4) order by k.id), '[]')
    from (
      select * from verne.keys k
      where k.revoked_at is null and k.kek_version <> read_keys_to_rewrap.version
        and (read_keys_to_rewrap.after is null or k.id > read_keys_to_rewrap.after::uuid)
      order by k.id limit slots) k);
end $$;
revoke all on function public.read_keys_to_rewrap from public, anon, authenticated;
grant execute on function public.read_keys_to_rewrap to service_role, verne_worker;

-- What each master key once sealed, and how many keys only it opens. One that a release before this table used has no
-- known answer: some of its keys are there instead.
create or replace function public.read_master_keys() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('version', v.version, 'known_answer', m.known_answer, 'keys', v.count,
      'samples', case when m.version is null then (
          select jsonb_agg(verne.sealed_key(k)) from (
            select * from verne.keys k where k.kek_version = v.version and k.revoked_at is null order by k.added_at desc limit 20) k)
        else '[]' end) order by v.version), '[]')
    from (
      select x.version, max(x.count) as count from (
        select k.kek_version as version, count(*) as count from verne.keys k where k.revoked_at is null group by k.kek_version
        union all select m.version, 0 from verne.master_keys m) x group by x.version) v
    left join verne.master_keys m on m.version = v.version);
end $$;
revoke all on function public.read_master_keys from public, anon, authenticated;
grant execute on function public.read_master_keys to service_role, verne_worker;

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

-- A door's own refusal (a malformed option, a missing permission of the bot) leaves its entry too, and is counted like any
-- action: who sends many such fills neither the audit nor the time of others.
create or replace function public.record_refusal(actor jsonb, operation text, code text, args jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  if verne.take_rate(record_refusal.actor, record_refusal.operation, record_refusal.args) is null then
    perform verne.append_audit(record_refusal.actor, record_refusal.operation, 'refused: ' || record_refusal.code, record_refusal.args);
  end if;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_refusal from public, anon, authenticated;
grant execute on function public.record_refusal to service_role, verne_worker;

-- Why an actor who may do an operation somewhere may not do it on this repository and branch; null where they may.
create or replace function verne.refused_there(actor jsonb, operation text, scope jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  if verne.may(actor, refused_there.operation, guild, scope) is not true then
    return verne.needed_roles(actor, refused_there.operation, guild) || jsonb_build_object('repo', scope -> 'repo', 'branch', scope -> 'branch');
  end if;
  return case when refused_there.operation = 'task.create' then verne.out_of_bounds(actor, scope) end;
end $$;

drop function public.remove_key(actor jsonb, owner text);
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
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', case gone when 0 then 'no_key' else 'removed' end);
end $$;
revoke all on function public.remove_key from public, anon, authenticated;
grant execute on function public.remove_key to service_role, verne_worker;

-- A stored key does not open although its master key is there: somebody changed or moved its seal. Told and audited once.
create or replace function public.report_broken_key(key_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare broken verne.keys;
begin
  select * into broken from verne.keys k where k.id = report_broken_key.key_id::uuid and k.revoked_at is null;
  if broken.id is not null and verne.note_key_problem(broken.id, 'Its seal is broken; it must be entered anew.') then
    perform verne.tell_lost_key(broken, 'broken');
    perform verne.append_audit(jsonb_build_object('id', 'verne', 'door', 'worker', 'command', 'open key', 'guild', broken.guild_id,
        'correlation', gen_random_uuid()), 'keys.open', 'broken_seal',
      jsonb_strip_nulls(jsonb_build_object('last4', broken.last4, 'person', broken.owner_id)));
  end if;
  return jsonb_build_object('kind', 'reported');
end $$;
revoke all on function public.report_broken_key from public, anon, authenticated;
grant execute on function public.report_broken_key to service_role, verne_worker;

-- The bot is in a server again that it was removed from: what waited there goes on.
create or replace function verne.return_guild(guild_id text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  update public.guilds g set left_at = null where g.guild_id = return_guild.guild_id and g.left_at is not null;
  if found then
    perform verne.publish_event('guild.returned', 'guild:' || return_guild.guild_id, '{}',
      jsonb_build_object('tenant', return_guild.guild_id, 'source', 'guilds'));
  end if;
end $$;

-- Revokes keys of a server or of a person, and destroys what opens them. `which`: `all`; or those with these `last4`; or
-- those of one `slot` {role, channel} and, wherever it stands, of one `account`. Says how many there were.
create or replace function verne.revoke_keys(guild_id text, owner_id text, which jsonb) returns int
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare gone int;
begin
  update verne.keys k set revoked_at = verne.now(), sealed = null, wrapped = null
  where k.revoked_at is null and k.guild_id is not distinct from revoke_keys.guild_id and k.owner_id is not distinct from revoke_keys.owner_id
    and ((which ->> 'all')::boolean is true or k.last4 = which ->> 'last4' or k.account_id = (which ->> 'account')::uuid
      or which ? 'slot' and k.role_id is not distinct from which -> 'slot' ->> 'role'
        and k.channel_id is not distinct from which -> 'slot' ->> 'channel');
  get diagnostics gone = row_count;
  return gone;
end $$;

-- Puts a key under another master key, unless somebody wrote it meanwhile: `before` is how it was wrapped when it was read.
create or replace function public.rewrap_key(key_id text, before text, sealed jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.keys k set sealed = rewrap_key.sealed ->> 'sealed', wrapped = rewrap_key.sealed ->> 'wrapped',
    kek_version = rewrap_key.sealed ->> 'kek_version'
  where k.id = rewrap_key.key_id::uuid and k.wrapped = rewrap_key.before and k.revoked_at is null;
  return jsonb_build_object('kind', case when found then 'rewrapped' else 'stale' end);
end $$;
revoke all on function public.rewrap_key from public, anon, authenticated;
grant execute on function public.rewrap_key to service_role, verne_worker;

-- A sealed key with what its seal is bound to: what opens it, for whoever has the master key.
create or replace function verne.sealed_key(key verne.keys) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_object('id', key.id, 'guild_id', key.guild_id, 'owner_id', key.owner_id, 'sealed', key.sealed,
    'wrapped', key.wrapped, 'kek_version', key.kek_version);
end $$;

-- All servers that the bot is in, as Discord lists them at a connection: what was missed meanwhile is caught up with. A list
-- with none of those that are known is another bot's, started beside this database by mistake: it says nothing.
create or replace function public.see_guilds(guild_ids text[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  known record;
  is_ours boolean := exists (select from public.guilds g where g.guild_id = any (guild_ids));
begin
  for known in
    select g.guild_id, g.guild_id = any (guild_ids) as is_here from public.guilds g
    where is_ours and (g.left_at is null) is distinct from (g.guild_id = any (guild_ids)) order by g.guild_id
  loop
    perform case when known.is_here then verne.return_guild(known.guild_id) end;
    perform case when not known.is_here then public.leave_guild(known.guild_id) end;
  end loop;
  return jsonb_build_object('kind', 'seen');
end $$;
revoke all on function public.see_guilds from public, anon, authenticated;
grant execute on function public.see_guilds to service_role, verne_worker;

-- How fast people and servers may act, as whoever runs the service has configured it: {scope: actions a minute}. Half of a
-- minute's may come at once.
create or replace function public.set_rates(per_minute jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.rate_limits l set per_minute = x.value::numeric, burst = greatest(1, ceil(x.value::numeric / 2))::int
  from jsonb_each_text(set_rates.per_minute) x
  where x.key = l.scope and l.per_minute is distinct from x.value::numeric;
  return jsonb_build_object('kind', 'set');
end $$;
revoke all on function public.set_rates from public, anon, authenticated;
grant execute on function public.set_rates to service_role, verne_worker;

-- Another key of the same server, for the same or for everybody, that Jules did not refuse: where a server moves what waits.
-- Null for a person's key: nothing moves to or from it.
create or replace function verne.spare_key(key_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('id', k.id, 'account', k.account_id, 'last4', k.last4)
    from verne.keys mine join public.guilds g on g.guild_id = mine.guild_id and g.key_rule = 'move'
    join verne.keys k on k.guild_id = mine.guild_id and k.account_id <> mine.account_id and k.revoked_at is null and k.problem_at is null
      and (k.role_id is null or k.role_id = mine.role_id) and (k.channel_id is null or k.channel_id = mine.channel_id)
    where mine.id = spare_key.key_id
    order by k.added_at limit 1);
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
      'policy', jsonb_build_object('approvals', guild.approvals_needed, 'self_approval', guild.self_approval, 'expire_hours', guild.expire_hours),
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

-- Stores a sealed Jules key for the server or for the actor. The one before it for the same (everybody, a role, a channel)
-- is revoked, unless `sealed` says `beside`: then both are of one pool. `sealed` holds id, sealed, wrapped, kek_version,
-- last4, fingerprint, plan, per_day, at_once, role_id, channel_id, beside: never the key itself.
create or replace function public.store_key(actor jsonb, owner text, sealed jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_strip_nulls(jsonb_build_object('key_of', owner, 'last4', sealed ->> 'last4', 'plan', sealed ->> 'plan',
    'role', sealed ->> 'role_id', 'channel', sealed ->> 'channel_id'));
  gate jsonb := verne.authorise(actor, operation, args);
  account uuid;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  insert into verne.accounts (fingerprint, plan, per_day, at_once)
  values (sealed ->> 'fingerprint', coalesce(sealed ->> 'plan', 'custom'), (sealed ->> 'per_day')::int, (sealed ->> 'at_once')::int)
  on conflict (fingerprint) do update set plan = excluded.plan, per_day = excluded.per_day, at_once = excluded.at_once
  returning id into account;
  perform verne.revoke_keys(case owner when 'server' then gate ->> 'guild_id' end, case owner when 'person' then actor ->> 'id' end,
    jsonb_build_object('account', account) || case when (sealed ->> 'beside')::boolean is true then '{}'
      else jsonb_build_object('slot', jsonb_build_object('role', sealed -> 'role_id', 'channel', sealed -> 'channel_id')) end);
  insert into verne.keys (id, account_id, guild_id, owner_id, sealed, wrapped, kek_version, last4, added_by, role_id, channel_id)
  values ((sealed ->> 'id')::uuid, account, case owner when 'server' then gate ->> 'guild_id' end,
    case owner when 'person' then actor ->> 'id' end, sealed ->> 'sealed', sealed ->> 'wrapped', sealed ->> 'kek_version',
    sealed ->> 'last4', actor ->> 'id', sealed ->> 'role_id', sealed ->> 'channel_id');
  perform verne.mask_key(case owner when 'server' then gate ->> 'guild_id' end, case owner when 'person' then actor ->> 'id' end);
  perform verne.publish_event('key.added', 'key:' || (sealed ->> 'id'), jsonb_build_object('account', account, 'by', actor ->> 'id', 'last4', sealed ->> 'last4'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'guilds'));
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'stored', 'last4', sealed ->> 'last4');
end $$;
revoke all on function public.store_key from public, anon, authenticated;
grant execute on function public.store_key to service_role, verne_worker;

-- Takes one action from what a person, a person here, and the server are allowed (GCRA): null, or the refusal with the time
-- to wait. What is refused takes nothing, so nobody spends what others are allowed by being too fast. It is refused at the
-- first look, before any row is locked or written, so a flood costs a look each; of refusals in a row only the first is
-- audited. The second look reads the instant when it holds the row: one from before would find it too full, as if the clock
-- had been set back.
create or replace function verne.take_rate(actor jsonb, operation text, args jsonb default '{}') returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  bound record;
  tat timestamptz;
  instant timestamptz;
  longest interval := interval '0';
  full_key text;
  whose text;
begin
  for look in 1..2 loop
    for bound in select * from verne.rate_bounds(actor) loop
      if look = 1 then
        select r.tat into tat from verne.rates r where r.key = bound.key;
      else
        tat := verne.hold_rate(bound.key);
      end if;
      instant := verne.now();
      -- A clock that was set back makes nobody wait longer than an empty allowance does.
      if tat + bound.step - bound.room - instant > longest and tat <= instant + bound.room then
        longest := tat + bound.step - bound.room - instant;
        full_key := bound.key;
        whose := case bound.scope when 'server' then 'server' else 'person' end;
      end if;
    end loop;
    if full_key is not null then
      update verne.rates r set is_told = true where r.key = full_key and not r.is_told;
      if found then
        perform verne.append_audit(actor, take_rate.operation, 'refused: too_fast', args);
      end if;
      return jsonb_build_object('kind', 'too_fast', 'wait_ms', ceil(extract(epoch from longest) * 1000)::int, 'whose', whose);
    end if;
  end loop;
  for bound in select * from verne.rate_bounds(actor) loop
    instant := verne.now();
    update verne.rates r set tat = greatest(least(r.tat, instant + bound.room - bound.step), instant) + bound.step, is_told = false
    where r.key = bound.key;
  end loop;
  return null;
end $$;

-- Tells who can mend it that a key cannot be opened any more: its master key is `lost`, or its seal is `broken`. False
-- where there is nobody to tell.
create or replace function verne.tell_lost_key(key verne.keys, why text) returns boolean
language plpgsql set search_path = '' as $$
declare person text := coalesce(key.owner_id, key.added_by);
begin
  if person !~ '^[0-9]{15,20}$' then
    return false;
  end if;
  perform verne.add_message('key:' || key.id, 'note', 'key_lost', jsonb_build_object('place', 'dm', 'id', person),
    jsonb_strip_nulls(jsonb_build_object('last4', key.last4, 'why', why, 'guild_id', key.guild_id)), 'key:' || key.id || ':' || why);
  perform verne.publish_event('key.refused', 'key:' || key.id, '{}', jsonb_build_object('source', 'guilds', 'level', 2));
  return true;
end $$;

-- The Discord id of a server, by which facts and messages know it.
create or replace function verne.tenant_of(guild uuid) returns text
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (select g.guild_id from public.guilds g where g.id = tenant_of.guild);
end $$;

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
  -- Used again, so it was added again. What was under way when it was removed is over after five seconds.
  if guild.left_at < verne.now() - interval '5 seconds' and actor ->> 'door' in ('gateway', 'http') then
    perform verne.return_guild(guild.guild_id);
    guild.left_at := null;
  end if;
  return guild;
end $$;

-- Who can mend a key: the person whose it is, or who entered the server's. Null where it is gone.
create or replace function verne.who_mends(key_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('person', coalesce(k.owner_id, k.added_by), 'last4', k.last4, 'since', k.problem_at)
    from verne.keys k where k.id = who_mends.key_id and k.revoked_at is null);
end $$;

-- Arguments as the audit keeps them: people among them (`person`, `approver_people`, the `id` of kind person) by pseudonym.
create or replace function verne.without_names(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  if args ->> 'person' is not null then
    args := args || jsonb_build_object('person', verne.person_ref(args ->> 'person'));
  end if;
  if args ->> 'kind' = 'person' and args ->> 'id' <> '' then
    args := args || jsonb_build_object('id', verne.person_ref(args ->> 'id'));
  end if;
  if jsonb_typeof(args -> 'approver_people') = 'array' then
    args := args || jsonb_build_object('approver_people', (
      select coalesce(jsonb_agg(verne.person_ref(p.id)), '[]') from jsonb_array_elements_text(args -> 'approver_people') p(id)));
  end if;
  return args;
end $$;

-- What an account allows, what of it is used now and in the last 24 hours, and how long its last sessions took.
create or replace function verne.account_use(account_id uuid)
returns table (per_day int, at_once int, running int, today int, usual interval)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare limits jsonb := verne.account_limits(account_use.account_id);
begin
  return query select (limits ->> 'per_day')::int, (limits ->> 'at_once')::int,
    (select count(*)::int from verne.sessions s
      where s.account_id = account_use.account_id and s.admitted_at is not null and s.ended_at is null),
    (select coalesce(sum(1 + s.recreated), 0)::int from verne.sessions s
      where s.account_id = account_use.account_id and s.admitted_at > verne.now() - interval '24 hours'),
    (select coalesce(percentile_cont(0.5) within group (order by l.took), interval '10 minutes') from (
      select s.ended_at - s.admitted_at as took from verne.sessions s
      where s.account_id = account_use.account_id and s.ended_at is not null and s.admitted_at is not null
      order by s.ended_at desc limit 20) l);
end $$;

-- The target of a request, or why it cannot be taken: no key, an unknown repository or branch, one that this person may not
-- use, a budget that is spent. Where budgets are counted, their server's row is held until the request is stored; the
-- account comes before it, and the person, as at sign-in.
create or replace function verne.admissible(actor jsonb, standing jsonb, wish jsonb) returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  target jsonb;
  refusal jsonb;
begin
  if coalesce(standing -> 'key', 'null'::jsonb) = 'null'::jsonb then
    return jsonb_build_object('kind', 'no_key');
  end if;
  target := verne.choose_target(standing, wish);
  if target ->> 'kind' <> 'target' then
    return target;
  end if;
  refusal := verne.refused_there(actor, 'task.create', target);
  if refusal is not null then
    return refusal;
  end if;
  perform verne.lock_account((standing -> 'key' ->> 'account')::uuid);
  perform verne.hold_user(actor ->> 'id');
  if verne.has_budgets(actor ->> 'guild') then
    refusal := verne.over_budget(actor, verne.spent_by(actor ->> 'id', (standing ->> 'guild')::uuid));
  end if;
  return coalesce(refusal, target);
end $$;

-- Starts as many queued sessions as the account's last 24 hours and running limit allow, in the order of their places.
create or replace function verne.admit_tasks(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  room int;
  next record;
begin
  perform verne.lock_account(admit_tasks.account_id);
  if not exists (select from verne.sessions s
    where s.account_id = admit_tasks.account_id and s.phase = 'queued' and s.admitted_at is null and s.ended_at is null) then
    return;
  end if;
  select least(u.at_once - u.running, u.per_day - u.today) into room from verne.account_use(admit_tasks.account_id) u;
  for next in
    select q.task_id, q.tenant, t.correlation_id from verne.queue_order(admit_tasks.account_id) q join public.tasks t on t.id = q.task_id
    where q.place <= room order by q.place
  loop
    update verne.sessions s set admitted_at = verne.now(), phase = 'opening', revision = s.revision + 1 where s.task_id = next.task_id;
    perform verne.publish_event('task.admitted', 'task:' || next.task_id, '{}',
      jsonb_build_object('tenant', next.tenant, 'source', 'tasks', 'correlation', next.correlation_id));
  end loop;
end $$;

-- Which of the keys that a request may use it takes: one that Jules did not refuse, of an account whose day still has a place
-- for it, and then of the one with the most room at once.
create or replace function verne.choose_key(keys jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  if jsonb_array_length(keys) < 2 then
    return keys -> 0;
  end if;
  return (
    select k.key from jsonb_array_elements(keys) with ordinality k(key, rank)
    cross join lateral verne.account_use((k.key ->> 'account')::uuid) u
    cross join lateral (select count(*) as live, count(*) filter (where s.admitted_at is null) as waiting from verne.sessions s
      where s.account_id = (k.key ->> 'account')::uuid and s.ended_at is null) q
    order by verne.key_refused((k.key ->> 'id')::uuid), greatest(q.waiting + 1 - (u.per_day - u.today), 0) / greatest(u.per_day, 0.01),
      q.live / greatest(u.at_once, 0.01), k.rank
    limit 1);
end $$;

-- Counts one approval of a task that waits: `decided` with the last that it needs, `counted` where more are needed,
-- `counted_before` where this person's is among them already, `own_task` where it may not count. What counts is that they
-- held the role when they approved.
create or replace function verne.count_approval(task public.tasks, approver text) returns text
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare count int;
begin
  if task.discord_user_id = count_approval.approver and not task.self_approval then
    return 'own_task';
  end if;
  insert into verne.approvals (task_id, approver) values (task.id, count_approval.approver) on conflict do nothing;
  if not found then
    return 'counted_before';
  end if;
  select count(*) into count from verne.approvals a where a.task_id = task.id;
  return case when count < task.approvals_needed then 'counted' else 'decided' end;
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
  gate := verne.authorise(actor, operation, args, jsonb_build_object('repo', task.repo, 'branch', task.branch));
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

-- A task that nobody decided in time expires. Else: until when it waits, or that it does not wait (any more).
create or replace function public.expire_task(task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare task public.tasks;
begin
  select * into task from public.tasks t where t.id = expire_task.task_id::uuid for update;
  if verne.let_expire(task) then
    return jsonb_build_object('kind', 'expired');
  end if;
  return case when task.status = 'pending_confirmation' and task.expires_at is not null
    then jsonb_build_object('kind', 'waits', 'until', task.expires_at) else jsonb_build_object('kind', 'over') end;
end $$;
revoke all on function public.expire_task from public, anon, authenticated;
grant execute on function public.expire_task to service_role, verne_worker;

-- Forgets a person who asks for it: who they are, their keys and choices, what they wrote. Their open tasks must have ended.
-- The audit keeps what was done under a pseudonym that leads nowhere any more, so its chain still verifies.
create or replace function public.forget_person(actor jsonb, person text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  open int[];
  subjects jsonb;
  own text[];
  keys uuid[];
begin
  if actor ->> 'door' is distinct from 'operator' then
    return jsonb_build_object('kind', 'not_permitted', 'operation', 'person.forget', 'roles', '[]'::jsonb);
  end if;
  select array_agg(t.number order by t.number) into open from public.tasks t
  where t.discord_user_id = forget_person.person and t.status in ('pending_confirmation', 'in_progress');
  if open is not null then
    return jsonb_build_object('kind', 'has_open_tasks', 'numbers', to_jsonb(open));
  end if;
  perform verne.hold_user(forget_person.person);
  subjects := verne.forget_tasks(forget_person.person);
  own := array(select jsonb_array_elements_text(subjects -> 'own'));
  perform verne.forget_messages(forget_person.person, own);
  perform verne.forget_facts(forget_person.person, own);
  perform verne.publish_event('task.updated', shown, '{}', jsonb_build_object('source', 'tasks')) -- its card is shown anew
  from jsonb_array_elements_text(subjects -> 'own' || (subjects -> 'others')) shown;
  perform verne.append_audit(actor, 'person.forget', 'allowed', jsonb_build_object('person', forget_person.person));
  keys := verne.forget_identity(forget_person.person);
  delete from verne.sources s where s.key_id = any (keys);
  delete from verne.source_lists s where s.key_id = any (keys);
  return jsonb_build_object('kind', 'forgotten', 'tasks', cardinality(own));
end $$;
revoke all on function public.forget_person from public, anon, authenticated;
grant execute on function public.forget_person to service_role, verne_worker;

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
    approvals_needed, self_approval, expires_at)
  values (verne.hold_user(actor ->> 'id'), actor ->> 'id', (standing ->> 'guild')::uuid,
    verne.next_task_number((standing ->> 'guild')::uuid), wish ->> 'prompt',
    case when starts then 'in_progress' else 'pending_confirmation' end, insert_task.request_key, actor ->> 'channel',
    target ->> 'repo', target ->> 'from', target ->> 'branch',
    (standing -> 'key' ->> 'id')::uuid, (standing -> 'key' ->> 'account')::uuid, standing -> 'key' ->> 'owner', standing -> 'key' ->> 'last4',
    case when starts then actor ->> 'id' end, case when starts then verne.now() end,
    coalesce((actor ->> 'correlation')::uuid, gen_random_uuid()),
    (policy ->> 'approvals')::int, (policy ->> 'self_approval')::boolean,
    case when not starts then verne.now() + (policy ->> 'expire_hours')::int * interval '1 hour' end)
  returning * into task;
  if approves then
    insert into verne.approvals (task_id, approver) values (task.id, actor ->> 'id');
  end if;
  return task;
end $$;

-- Ends the wait of a task, whose row the caller holds, where its time is over: it expires, and its requester is told.
create or replace function verne.let_expire(task public.tasks) returns boolean
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare tenant text;
begin
  if (task.status = 'pending_confirmation' and task.expires_at <= verne.now()) is not true then
    return false;
  end if;
  update public.tasks t set status = 'expired' where t.id = task.id;
  tenant := verne.tenant_of(task.guild_id);
  perform verne.publish_event('task.expired', 'task:' || task.id, '{}',
    jsonb_build_object('tenant', tenant, 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.add_message('task:' || task.id, 'note', 'expiry', jsonb_build_object('place', 'channel', 'id', task.channel_id),
    jsonb_build_object('guild_id', tenant), 'task:' || task.id || ':expiry');
  return true;
end $$;

-- What decide_task would answer now, for a door that opens a dialog first. It makes, changes and audits nothing.
create or replace function public.may_decide(actor jsonb, task_id text, verb text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  standing jsonb := verne.standing_of(actor);
  task public.tasks;
  is_own boolean;
begin
  if actor ->> 'guild' is null then
    return jsonb_build_object('kind', 'not_in_a_server');
  end if;
  select * into task from public.tasks t where t.id = may_decide.task_id::uuid;
  is_own := verb = 'cancel' and task.discord_user_id = actor ->> 'id';
  if is_own is not true and (standing ->> 'may_confirm')::boolean is not true then
    return verne.refused_there(actor, case when verb = 'cancel' then 'task.cancel' else 'task.confirm' end, '{}');
  end if;
  if task.guild_id is null or task.guild_id is distinct from (standing ->> 'guild')::uuid then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  if not exists (select from verne.transitions m
    where m.noun = 'task' and m.from_state = task.status and m.verb = may_decide.verb and m.operation is not null) then
    return jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id));
  end if;
  return jsonb_build_object('kind', 'allowed');
end $$;
revoke all on function public.may_decide from public, anon, authenticated;
grant execute on function public.may_decide to service_role, verne_worker;

-- Moves what waits on a key, and of which no attempt was ever made, to the server's spare key; nothing where there is none.
create or replace function verne.move_queued(account_id uuid, key_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  spare jsonb := verne.spare_key(move_queued.key_id);
  moved record;
begin
  if spare is null then
    return;
  end if;
  perform verne.lock_account(least(move_queued.account_id, (spare ->> 'account')::uuid)); -- two accounts, always in one order
  perform verne.lock_account(greatest(move_queued.account_id, (spare ->> 'account')::uuid));
  perform from public.tasks t where t.id in (select s.task_id from verne.sessions s -- the task before its session, as everywhere
    where s.account_id = move_queued.account_id and s.key_id = move_queued.key_id and s.ended_at is null and s.name is null) order by t.id for update;
  for moved in
    update verne.sessions s set account_id = (spare ->> 'account')::uuid, key_id = (spare ->> 'id')::uuid, revision = s.revision + 1,
      phase = 'queued', admitted_at = null
    where s.account_id = move_queued.account_id and s.key_id = move_queued.key_id and s.ended_at is null
      and s.name is null and s.attempted_at is null and s.attempts = 0
    returning s.task_id, s.tenant
  loop
    update public.tasks t set account_id = (spare ->> 'account')::uuid, key_id = (spare ->> 'id')::uuid, key_last4 = spare ->> 'last4',
      last_error = null where t.id = moved.task_id;
    perform verne.publish_event('task.updated', 'task:' || moved.task_id, jsonb_build_object('key', spare -> 'last4'),
      jsonb_build_object('tenant', moved.tenant, 'source', 'tasks'));
  end loop;
  perform verne.admit_tasks((spare ->> 'account')::uuid);
  perform verne.publish_event('account.watched', 'account:' || (spare ->> 'account'), '{}', jsonb_build_object('source', 'tasks'));
end $$;

-- A person's decision takes effect: the row, the fact, and what follows from it.
create or replace function verne.move_task(actor jsonb, task public.tasks, move verne.transitions, reason text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare decides boolean := move.verb in ('confirm', 'reject');
begin
  update public.tasks t set status = move.to_state,
    decided_by = case when decides then actor ->> 'id' else t.decided_by end,
    decided_at = case when decides then verne.now() else t.decided_at end,
    ended_by = case when move.verb = 'cancel' then actor ->> 'id' end,
    reason = coalesce(move_task.reason, t.reason)
  where t.id = task.id returning * into task;
  perform verne.publish_event(move.topic, 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', actor ->> 'guild', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.after_decision(task, move.verb, actor ->> 'guild');
end $$;

-- When a place in a queue is served, if so many `slots` serve it and each is taken for `lasts`: `ends` says, in order, when
-- those that are taken now fall free. Null: never, as there are none.
create or replace function verne.place_comes(place int, slots int, ends timestamptz[], lasts interval, now timestamptz) returns timestamptz
language plpgsql immutable set search_path = '' as $$
#variable_conflict use_column
declare after int := place_comes.place - greatest(slots - cardinality(ends), 0) - 1; -- so many before it wait for an end, too
begin
  if slots = 0 then
    return null;
  elsif after < 0 then
    return now;
  end if;
  return greatest(now, coalesce(ends[1 + greatest(cardinality(ends) - slots, 0) + after % slots], now + lasts)) + after / slots * lasts;
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
  taken := array(select s.admitted_at + interval '24 hours' from verne.sessions s, generate_series(0, s.recreated)
    where s.account_id = session.account_id and s.admitted_at > now - interval '24 hours' order by s.admitted_at);
  turn_at := verne.place_comes(place, used.at_once, running, used.usual, now);
  day_at := verne.place_comes(place, used.per_day, taken, interval '24 hours', now);
  return jsonb_build_object('place', place,
    'because', case when turn_at is null or day_at <= turn_at then 'at_once' else 'per_day' end,
    'wait_s', case when turn_at is not null and day_at is not null
      then ceil(extract(epoch from greatest(turn_at, day_at) - now))::bigint end);
end $$;

-- Who starts next in an account, place by place: servers take turns, those with the fewest running first, then who was not
-- served for the longest; within a server its people do, and then the older request. What belongs to a paused server or to
-- a key that Jules refuses keeps waiting without a place.
create or replace function verne.queue_order(account_id uuid) returns table (task_id uuid, tenant text, place int)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare since timestamptz := verne.now() - interval '24 hours';
begin
  return query
  with mine as materialized (
    select s.task_id, s.tenant, s.key_id, t.discord_user_id as person, s.queued_at, s.admitted_at, s.ended_at is null as lives
    from verne.sessions s join public.tasks t on t.id = s.task_id
    where s.account_id = queue_order.account_id and (s.ended_at is null or s.admitted_at > since)),
  counted as (
    select m.*, m.admitted_at is null as waits,
      count(*) filter (where m.admitted_at is not null and m.lives) over ours as server_runs, max(m.admitted_at) filter (where m.admitted_at > since) over ours as server_at,
      count(*) filter (where m.admitted_at is not null and m.lives) over theirs as person_runs, max(m.admitted_at) filter (where m.admitted_at > since) over theirs as person_at
    from mine m where m.admitted_at is not null or m.lives
    window ours as (partition by m.tenant), theirs as (partition by m.tenant, m.person)),
  resting as materialized ( -- asked once each, not once a task
    select x.tenant from (select distinct m.tenant from mine m offset 0) x where verne.is_paused(x.tenant)),
  refused as materialized (
    select x.key_id from (select distinct m.key_id from mine m where m.admitted_at is null offset 0) x where verne.key_refused(x.key_id)),
  turns as (
    select c.*, c.person_runs + row_number() over (partition by c.tenant, c.person order by c.queued_at, c.task_id) as turn
    from counted c where c.waits
      and c.tenant not in (select r.tenant from resting r) and c.key_id not in (select r.key_id from refused r)),
  rounds as (
    select w.*, w.server_runs + row_number() over (partition by w.tenant
      order by w.turn, w.person_at nulls first, w.queued_at, w.task_id) as round
    from turns w)
  select r.task_id, r.tenant, (row_number() over (order by r.round, r.server_at nulls first, r.queued_at, r.task_id))::int
  from rounds r;
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

-- Jules refuses a key, or it was removed: every task that depends on it says so on its card, and waits; what has not begun
-- moves to another key of the same server, where the server has it so, or gives its place back. Who can mend the key is
-- told once. What may have begun at Jules never moves.
create or replace function public.record_account_problem(account_id text, key_id text, problem text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  account uuid := record_account_problem.account_id::uuid;
  key uuid := record_account_problem.key_id::uuid;
  hit record;
begin
  -- Before what both hold: whoever writes of many tasks has their accounts first, in one order.
  perform verne.lock_account(a.id) from (select account as id
    union select (verne.spare_key(key) ->> 'account')::uuid order by id) a where a.id is not null;
  perform verne.tell_key_problem(key, record_account_problem.problem);
  perform verne.move_queued(account, key);
  perform verne.wait_for_key(account, key, record_account_problem.problem);
  for hit in
    update public.tasks t set last_error = record_account_problem.problem from verne.sessions s
    where s.task_id = t.id and s.account_id = account and s.key_id = key and s.ended_at is null
      and t.status = 'in_progress' and t.last_error is distinct from record_account_problem.problem
    returning t.id, s.tenant
  loop
    perform verne.publish_event('session.delayed', 'task:' || hit.id, '{}', jsonb_build_object('tenant', hit.tenant, 'source', 'tasks'));
  end loop;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_account_problem from public, anon, authenticated;
grant execute on function public.record_account_problem to service_role, verne_worker;

-- Commits the intent to create a session, before the POST. 'taken' where somebody else has written meanwhile, 'paused'
-- where nothing new may begin.
create or replace function public.record_attempt(task_id text, revision int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  if exists (select from verne.sessions s where s.task_id = record_attempt.task_id::uuid and verne.is_paused(s.tenant)) then
    return jsonb_build_object('kind', 'paused');
  end if;
  update verne.sessions s set phase = 'opening', attempts = s.attempts + 1, attempted_at = verne.now(), revision = s.revision + 1
  where s.task_id = record_attempt.task_id::uuid and s.revision = record_attempt.revision
    and s.name is null and s.attempted_at is null and s.attempts < 3 and s.admitted_at is not null and s.ended_at is null
    and exists (select from public.tasks t where t.id = s.task_id and t.status = 'in_progress')
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'taken');
  end if;
  return jsonb_build_object('kind', 'recorded', 'revision', session.revision, 'attempted_at', session.attempted_at);
end $$;
revoke all on function public.record_attempt from public, anon, authenticated;
grant execute on function public.record_attempt to service_role, verne_worker;

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
  return jsonb_build_object('kind', 'recorded', 'revision', session.revision, 'paused', verne.is_paused(session.tenant));
end $$;
revoke all on function public.record_session from public, anon, authenticated;
grant execute on function public.record_session to service_role, verne_worker;

-- What Jules lists for a key, replacing what it listed before; or why it could not be asked; `tell`: whoever can mend
-- the key hears of it, once.
create or replace function public.record_sources(key_id text, sources jsonb, problem text default null, tell jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  insert into verne.source_lists as list (key_id, listed_at, problem)
  values (record_sources.key_id::uuid, case when record_sources.problem is null then verne.now() end, record_sources.problem)
  on conflict (key_id) do update set listed_at = coalesce(excluded.listed_at, list.listed_at), problem = excluded.problem;
  if record_sources.problem is not null then
    if tell is not null then
      perform verne.tell_key_problem(record_sources.key_id::uuid, record_sources.problem);
    end if;
    return jsonb_build_object('kind', 'recorded');
  end if;
  perform verne.note_key_works(a.account) from (select (verne.find_key(record_sources.key_id::uuid)).account_id as account) a;
  delete from verne.sources s where s.key_id = record_sources.key_id::uuid;
  insert into verne.sources (key_id, name, repo, default_branch, branches)
  select record_sources.key_id::uuid, x.name, x.repo, x.default_branch, coalesce(x.branches, '{}')
  from jsonb_to_recordset(record_sources.sources) x(name text, repo text, default_branch text, branches text[])
  on conflict do nothing;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_sources from public, anon, authenticated;
grant execute on function public.record_sources to service_role, verne_worker;

-- One look at an account's list. What moved is told to its follower; a session with a task's marker that is not the
-- task's session is a stray; places that fell free are filled. `seen`: [{name, state, updated_at, marker}].
create or replace function public.record_sweep(account_id text, seen jsonb, archived text[] default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare moved record; moves int := 0;
begin
  perform verne.lock_account(record_sweep.account_id::uuid);
  perform verne.note_key_works(record_sweep.account_id::uuid);
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
  perform verne.append_audit(actor, 'task.create', 'allowed', args || jsonb_build_object('task', task.id, 'number', task.number));
  return jsonb_build_object('kind', 'requested', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.request_task from public, anon, authenticated;
grant execute on function public.request_task to service_role, verne_worker;

-- The end of a pause, of one server or of all (`every`): what waited is admitted, what was opened goes on.
create or replace function public.resume_guild(guild_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare waiting record;
begin
  -- Whoever writes of many tasks has their accounts first, in one order; facts of tasks come before those of accounts.
  perform verne.lock_account(a.account_id) from (select distinct s.account_id from verne.sessions s
    where s.ended_at is null and resume_guild.guild_id in (s.tenant, 'every') order by s.account_id) a;
  for waiting in
    select s.task_id, s.tenant, s.phase from verne.sessions s
    where s.ended_at is null and s.phase <> 'queued' and resume_guild.guild_id in (s.tenant, 'every') order by s.task_id
  loop
    perform verne.publish_event(case waiting.phase when 'opening' then 'task.admitted' else 'session.moved' end, 'task:' || waiting.task_id, '{}',
      jsonb_build_object('tenant', waiting.tenant, 'source', 'tasks'));
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

-- What a person and the whole server have asked for, as budgets count it: the instants of the last 24 hours, oldest first,
-- and how many are open. What was rejected or expired is given back.
create or replace function verne.spent_by(person text, guild uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    with mine as (
      select t.created_at, t.discord_user_id = spent_by.person as own, t.created_at > verne.now() - interval '24 hours' as today,
        t.status in ('pending_confirmation', 'in_progress') as open
      from public.tasks t where t.guild_id = spent_by.guild and t.status not in ('rejected', 'expired')
        and (t.created_at > verne.now() - interval '24 hours' or t.status in ('pending_confirmation', 'in_progress')))
    select jsonb_build_object(
      'person', jsonb_build_object('open', count(*) filter (where m.own and m.open),
        'day', coalesce(jsonb_agg(m.created_at order by m.created_at) filter (where m.own and m.today), '[]')),
      'server', jsonb_build_object('open', count(*) filter (where m.open),
        'day', coalesce(jsonb_agg(m.created_at order by m.created_at) filter (where m.today), '[]')))
    from mine m);
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
        'ended_at', s.ended_at, 'recreated', s.recreated) end,
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

-- Jules refuses a key: who can mend it is told, once until it works again.
create or replace function verne.tell_key_problem(key_id uuid, problem text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare mender jsonb;
begin
  if not verne.note_key_problem(tell_key_problem.key_id, tell_key_problem.problem) then
    return;
  end if;
  mender := verne.who_mends(tell_key_problem.key_id);
  if mender ->> 'person' ~ '^[0-9]{15,20}$' then
    perform verne.add_message('key:' || tell_key_problem.key_id, 'note', 'key_refused', jsonb_build_object('place', 'dm', 'id', mender -> 'person'),
      jsonb_build_object('last4', mender -> 'last4', 'problem', tell_key_problem.problem),
      'key:' || tell_key_problem.key_id || ':refused:' || (mender ->> 'since'));
  end if;
  perform verne.publish_event('key.refused', 'key:' || tell_key_problem.key_id, '{}', jsonb_build_object('source', 'tasks', 'level', 2));
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
        jsonb_build_object('phase', 'unsure', 'error', wait_for_key.why, 'guild_id', left_open.tenant), 'task:' || left_open.task_id || ':unsure');
    end loop;
  end if;
end $$;

reset check_function_bodies;
