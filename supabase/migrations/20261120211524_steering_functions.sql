set check_function_bodies = off;

-- Something is to be shown: a card, kept true by editing, or a note, sent once. `at`: {place: channel | thread | dm, id}.
-- A known dedupe key changes nothing. In a server that the bot was removed from it is parked at once.
create or replace function verne.add_message(subject text, kind text, view text, at jsonb, facts jsonb, dedupe text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare has_left boolean := verne.has_left(verne.server_of(add_message.subject, add_message.facts));
begin
  insert into verne.messages (subject, kind, view, place, place_id, facts, dedupe, parked_reason, parked_at)
  values (add_message.subject, add_message.kind, add_message.view, at ->> 'place', at ->> 'id', coalesce(add_message.facts, '{}'), add_message.dedupe,
    case when has_left then 'The bot was removed from the server.' end, case when has_left then verne.now() end)
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
    update verne.messages m set parked_reason = 'The bot was removed from the server.', parked_at = verne.now()
    where m.id = message.id and m.parked_reason is null;
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

-- Forgets what was said to a person alone, what was said of their own `subjects`, and in what was said of others their words and id.
-- A note of theirs that was not sent yet, or was given up, is sent no more; a card stays, to be shown without them.
create or replace function verne.forget_messages(person text, subjects text[]) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  delete from verne.messages m where m.place = 'dm' and m.place_id = forget_messages.person;
  update verne.messages m set facts = jsonb_strip_nulls(jsonb_build_object('guild_id', m.facts -> 'guild_id')),
    parked_reason = case when m.message_id is null or m.parked_reason is not null then 'The person was forgotten.' end,
    parked_at = case when m.message_id is null or m.parked_reason is not null then coalesce(m.parked_at, verne.now()) end
  where m.kind = 'note' and m.subject = any (forget_messages.subjects);
  update verne.messages m set
    facts = m.facts || '{"problem": null}' || case when m.facts ? 'text' then '{"text": "(forgotten)"}'::jsonb else '{}' end
  where m.facts ->> 'by' = forget_messages.person and m.facts ?| array['text', 'problem'];
  update verne.messages m set
    facts = regexp_replace(m.facts::text, '\m' || forget_messages.person || '\M', '000000000000000000', 'g')::jsonb,
    dedupe = case when m.dedupe ~ ('\m' || forget_messages.person || '\M') then 'forgotten:' || m.id else m.dedupe end
  where m.facts::text || ' ' || m.dedupe ~ ('\m' || forget_messages.person || '\M');
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
  elsif message.parked_reason = 'The person was forgotten.' then
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
      -- A thread has the id of the message that it began at, and outlives it.
      left_threads = case when moves or m.thread_problem is not null or m.thread_id is null
        then array_remove(array_append(m.left_threads, coalesce(m.thread_id, m.message_id)), null) else m.left_threads end,
      place = case when moves then 'channel' else m.place end, place_id = case when moves then elsewhere else m.place_id end
    where m.id = message.id;
  end if;
  perform verne.publish_event('card.returned', message.subject, '{}',
    jsonb_build_object('tenant', verne.server_of(message.subject, message.facts), 'source', 'discord'));
  return 'owed';
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

-- The task whose card a thread begins at, or began at before it was deleted and sent again, and the card's channel; null for
-- every other thread. `is_left`: the card has moved on and has another thread, so what is written here reaches nobody.
create or replace function public.read_thread(thread_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('task_id', substr(m.subject, 6), 'channel_id', coalesce(m.channel_id, m.place_id), 'is_left', found.is_left)
  from (
    select c.id, false as is_left from verne.messages c where c.kind = 'card' and c.message_id = read_thread.thread_id
    union all
    select c.id, false from verne.messages c where c.kind = 'card' and c.thread_id = read_thread.thread_id
    union all
    select c.id, true from verne.messages c
    where c.kind = 'card' and c.left_threads <> '{}' and c.left_threads @> array[read_thread.thread_id]
  ) found join verne.messages m on m.id = found.id
  where m.subject like 'task:%' order by found.is_left limit 1
$$;
revoke all on function public.read_thread from public, anon, authenticated;
grant execute on function public.read_thread to service_role, verne_worker;

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

-- The language of a server, by its Discord id; English where it is not known.
create or replace function verne.language_of(guild_id text) returns text
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((select g.language from public.guilds g where g.guild_id = language_of.guild_id), 'en');
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

-- Notes what a signed interaction says of its sender: whether they administer the server, and that they were seen. Only
-- what changed or is older than five minutes is written, so most interactions write nothing. A message shows no permissions:
-- where the gateway does not know them either, `admin` is null and nothing is noted.
create or replace function verne.note_member(actor jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  administers boolean := (actor ->> 'admin')::boolean;
  instant timestamptz := verne.now();
begin
  if administers is null or actor ->> 'door' in ('gateway', 'http') is not true or exists (
    select from verne.members m where m.guild_id = actor ->> 'guild' and m.discord_id = actor ->> 'id'
      and m.is_admin = administers and m.seen_at between instant - interval '5 minutes' and instant) then
    return;
  end if;
  insert into verne.members as m (guild_id, discord_id, is_admin)
  values (actor ->> 'guild', actor ->> 'id', administers)
  on conflict (guild_id, discord_id) do update set is_admin = excluded.is_admin, seen_at = excluded.seen_at;
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

-- What somebody wrote in a task's thread was not told: their message is marked, and answered with why. `said`: channel_id,
-- message_id, by; `mark` ('warned', 'barred' or null); `why`, or the sentence of a version that has none; `once` names what a person
-- is answered only once per thread.
create or replace function public.answer_said(task_id text, said jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  subject text := 'task:' || task_id;
  at jsonb := jsonb_build_object('place', 'channel', 'id', said -> 'channel_id');
begin
  if said ->> 'mark' is not null then
    perform verne.add_message(subject, 'note', said ->> 'mark', at, jsonb_build_object('on', said -> 'message_id', 'by', said -> 'by'),
      subject || ':' || (said ->> 'mark') || ':' || (said ->> 'message_id'));
  end if;
  perform verne.add_message(subject, 'note', 'unheard', at,
    jsonb_build_object('by', said -> 'by', 'why', said -> 'why', 'sentence', said -> 'sentence', 'reply_to', said -> 'message_id'),
    subject || ':unheard:' || coalesce((said ->> 'by') || ':' || (said ->> 'once'), said ->> 'message_id'));
  perform verne.publish_event('task.updated', subject, '{}', jsonb_build_object('source', 'discord'));
  return jsonb_build_object('kind', 'answered');
end $$;
revoke all on function public.answer_said from public, anon, authenticated;
grant execute on function public.answer_said to service_role, verne_worker;

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
  wished_by text; -- who wants it changed: what Jules makes of that is another plan, which nobody has read
begin
  if gate is not null then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = approve_plan.task_id::uuid for no key update;
  gate := verne.authorise(actor, 'task.confirm', args, jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id, 'verb', 'confirm'));
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into session from verne.sessions s where s.task_id = task.id for update;
  newest := verne.newest_plan(task.id);
  wished_by := (select min(i.author) from verne.instructions i
    where i.task_id = task.id and i.kind = 'changes' and i.about = left(newest, 12) and i.state = 'waiting');
  gate := gate || jsonb_build_object('by', coalesce(wished_by, session.approved_by), 'kind', case
    when task.guild_id is distinct from (gate ->> 'guild')::uuid then 'unknown_task'
    when task.status <> 'in_progress' then 'too_late'
    when task.self_approval is not true and task.discord_user_id = actor ->> 'id' then 'own_task'
    when left(newest, 12) is distinct from approve_plan.plan then 'stale_plan'
    when session.approved_hash = newest then 'plan_approved'
    when session.phase <> 'plan_review' then 'stale_plan'
    when wished_by is not null then 'changes_asked'
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

-- Commits the intent to send an instruction, before the POST. 'taken' where somebody else has begun meanwhile,
-- 'approving' where the plan is being approved, which Jules might make anew; 'paused' where nothing new may begin.
create or replace function public.begin_instruction(id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare told verne.instructions;
begin
  if exists (select from verne.instructions i join verne.sessions s on s.task_id = i.task_id
    where i.id = begin_instruction.id::uuid and verne.is_paused(s.tenant)) then
    return jsonb_build_object('kind', 'paused');
  end if;
  -- Held, so that of an approval and an instruction that begin at once one sees the other.
  perform from verne.sessions s join verne.instructions i on i.task_id = s.task_id where i.id = begin_instruction.id::uuid for update of s;
  if exists (select from verne.instructions i join verne.sessions s on s.task_id = i.task_id
    where i.id = begin_instruction.id::uuid and i.kind <> 'nudge' and s.phase = 'approving') then
    return jsonb_build_object('kind', 'approving');
  end if;
  update verne.instructions i set attempts = i.attempts + 1, attempted_at = verne.now()
  where i.id = begin_instruction.id::uuid and i.state = 'waiting' and i.attempted_at is null and i.attempts < 3
  returning * into told;
  return jsonb_build_object('kind', case when told.id is null then 'taken' else 'begun' end);
end $$;
revoke all on function public.begin_instruction from public, anon, authenticated;
grant execute on function public.begin_instruction to service_role, verne_worker;

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

-- Takes an intent back: the POST certainly made nothing (not counted), or was looked for in vain through its whole window.
create or replace function public.clear_attempt(task_id text, revision int, counted boolean, why text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  perform verne.lock_account(t.account_id) from public.tasks t where t.id = clear_attempt.task_id::uuid;
  perform from public.tasks t where t.id = clear_attempt.task_id::uuid for no key update; -- the task before its session, as everywhere
  update verne.sessions s set attempted_at = null, attempts = case when counted then s.attempts else s.attempts - 1 end,
    phase = case when s.ended_at is not null then 'stopped' when counted and s.attempts >= 3 then 'unsure' else s.phase end,
    revision = s.revision + 1
  where s.task_id = clear_attempt.task_id::uuid and s.revision = clear_attempt.revision and s.name is null
  returning * into session;
  if session.task_id is null then
    return jsonb_build_object('kind', 'stale');
  end if;
  update public.tasks t set last_error = why || case when counted and t.last_error is not null then ' ' || t.last_error else '' end where t.id = session.task_id and t.status = 'in_progress';
  if session.phase = 'unsure' then -- three times without an answer: a person must decide
    perform verne.add_message('task:' || session.task_id, 'note', 'outcome',
      (select jsonb_build_object('place', 'channel', 'id', t.channel_id) from public.tasks t where t.id = session.task_id),
      jsonb_build_object('phase', 'unsure', 'error', why, 'guild_id', session.tenant), 'task:' || session.task_id || ':unsure');
  end if;
  perform verne.publish_event('session.delayed', 'task:' || session.task_id, '{}',
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  if session.phase in ('stopped', 'unsure') then
    perform verne.admit_tasks(session.account_id);
  end if;
  return jsonb_build_object('kind', 'cleared', 'phase', session.phase, 'revision', session.revision);
end $$;
revoke all on function public.clear_attempt from public, anon, authenticated;
grant execute on function public.clear_attempt to service_role, verne_worker;

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
  select * into task from public.tasks t where t.id = decide_task.task_id::uuid for no key update;
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
  -- Of another server's task, or one that they may not see, nothing is known here.
  select * into task from public.tasks t where t.id = draft_task.task_id::uuid and t.guild_id = (verne.standing_of(actor) ->> 'guild')::uuid
    and verne.sees_task(actor, t);
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
      'text', (select i.text from verne.instructions i where i.task_id = task.id and left(i.id::text, 8) = draft_task.about)) end;
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
-- none, and its plan is read where one asked for there would be. Whoever approved did so of other words: that is void. `edits` names the words that were changed: of two
-- edits at once the second one is told so. `wish`: prompt, repo, branch.
create or replace function public.edit_task(actor jsonb, task_id text, edits int, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'repo', wish -> 'repo', 'branch', wish -> 'branch', 'prompt_length', length(wish ->> 'prompt'));
  gate jsonb := verne.authorise(actor, 'task.edit', args);
  task public.tasks;
  target jsonb;
  plan jsonb;
  void int;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = edit_task.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid for no key update;
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
  plan := verne.choose_plan(gate, jsonb_build_object('plan_review', case when task.plan_from = 'option' then task.plan_review end),
    (gate ->> 'may_confirm')::boolean and (gate -> 'policy' ->> 'self_approval')::boolean and verne.refused_there(actor, 'task.confirm', target) is null);
  delete from verne.approvals a where a.task_id = task.id;
  get diagnostics void = row_count;
  update public.tasks t set prompt = wish ->> 'prompt', branch = target ->> 'branch',
    repo_from = case when t.repo = target ->> 'repo' then t.repo_from else target ->> 'from' end, repo = target ->> 'repo',
    plan_review = (plan ->> 'review')::boolean, plan_from = plan ->> 'from',
    edits = t.edits + 1, edited_at = verne.now(), edited_after = void
  where t.id = task.id;
  perform verne.publish_event('task.edited', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.append_audit(actor, 'task.edit', 'allowed', args || jsonb_build_object('number', task.number, 'void_approvals', void));
  return jsonb_build_object('kind', 'edited', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.edit_task from public, anon, authenticated;
grant execute on function public.edit_task to service_role, verne_worker;

-- A task that nobody decided in time expires. Else: until when it waits, or that it does not wait (any more). Of one that stands
-- still in a pause that instant moves, so it is asked again, at most once a minute.
create or replace function public.expire_task(task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare task public.tasks;
begin
  select * into task from public.tasks t where t.id = expire_task.task_id::uuid for no key update;
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

-- Whether a finished session can be told to go on: Jules has it, it was neither archived nor deleted, and its key is still there.
create or replace function verne.goes_on(session verne.sessions) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return session.name is not null and session.archived_at is null and session.deleted_at is null
    and (verne.find_key(session.key_id)).id is not null;
end $$;

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

-- A person tells Jules something in the task's session: the answer to a question, changes to a plan, or anything else. It is
-- kept, and sent as soon as Jules takes it. The same request key gives the first answer again. `wish`: kind, text,
-- about; of a message in the task's thread its `said` {channel, message}, and `aside`: what of it is not sent, and why.
create or replace function public.instruct_task(actor jsonb, task_id text, request_key text, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'kind', wish -> 'kind', 'text_length', length(wish ->> 'text'));
  task public.tasks;
  operation text;
  gate jsonb;
  refusal jsonb;
  told verne.instructions;
begin
  -- The same message may be heard by two processes at once.
  perform pg_advisory_xact_lock(hashtextextended('instruction:' || instruct_task.request_key, 7));
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
  select * into task from public.tasks t where t.id = instruct_task.task_id::uuid for no key update;
  refusal := case when task.guild_id is distinct from (gate ->> 'guild')::uuid then jsonb_build_object('kind', 'unknown_task')
    else verne.instruction_refused(task, wish) end;
  if refusal is not null then
    perform verne.append_audit(actor, operation, 'refused: ' || (refusal ->> 'kind'), args);
    return refusal || case when refusal ->> 'kind' <> 'unknown_task' then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
  end if;
  insert into verne.instructions (task_id, kind, author, text, about, marker, request_key, channel_id, message_id)
  values (task.id, wish ->> 'kind', actor ->> 'id', wish ->> 'text', wish ->> 'about', verne.new_marker(), instruct_task.request_key,
    wish -> 'said' ->> 'channel', wish -> 'said' ->> 'message')
  returning * into told;
  perform verne.mark_said(told, 'kept', jsonb_build_object('aside', wish -> 'aside'));
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
  open text; -- what a wish of this kind may be about now
begin
  select * into session from verne.sessions s where s.task_id = task.id;
  select * into earlier from verne.instructions i
  where i.task_id = task.id and i.about = wish ->> 'about' and i.kind = wish ->> 'kind' and i.state <> 'refused'
    -- A plan that came back the same waits for an answer anew.
    and not exists (select from verne.plans p where p.task_id = task.id and i.kind = 'changes' and left(p.hash, 12) = i.about and p.created_at > i.created_at);
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

-- How an instruction that was written in a thread stands, as a reaction on its author's message: 'kept', 'told', 'warned'. Of
-- what is kept, `aside` answers it where a part is not sent: why, or the sentence that an older version wrote.
create or replace function verne.mark_said(told verne.instructions, mark text, facts jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  subject text := 'task:' || told.task_id;
  at jsonb := jsonb_build_object('place', 'channel', 'id', told.channel_id);
begin
  if told.message_id is null then
    return;
  end if;
  perform verne.add_message(subject, 'note', mark_said.mark, at, (mark_said.facts - 'aside' - 'reply_to') || jsonb_build_object('on', told.message_id, 'by', told.author),
    subject || ':' || mark_said.mark || ':' || told.message_id);
  if facts ->> 'aside' is not null then
    perform verne.add_message(subject, 'note', 'unheard', at,
      jsonb_build_object('by', told.author, case jsonb_typeof(facts -> 'aside') when 'string' then 'sentence' else 'why' end, facts -> 'aside',
        'reply_to', told.message_id), subject || ':unheard:' || told.message_id);
  end if;
end $$;

-- Whether this actor could tell a task's session something now, or why not: for a door that fetches files first. It takes,
-- makes and audits nothing.
create or replace function public.may_instruct(actor jsonb, task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  refusal jsonb;
begin
  select * into task from public.tasks t where t.id = may_instruct.task_id::uuid;
  refusal := coalesce(
    verne.would_refuse(actor, case when task.discord_user_id = actor ->> 'id' then 'task.steer_own' else 'task.steer' end,
      jsonb_build_object('repo', task.repo, 'branch', task.branch, 'verb', 'confirm')),
    verne.instruction_refused(task, '{"kind": "steer"}'));
  return coalesce(refusal, '{"kind": "allowed"}');
end $$;
revoke all on function public.may_instruct from public, anon, authenticated;
grant execute on function public.may_instruct to service_role, verne_worker;

-- Moves what waits on a key, and of which no attempt was ever made, to the server's spare key with the most room today;
-- nothing where there is none. The accounts of all that may be it are held by then. Gives back which tasks were moved.
create or replace function verne.move_queued(account_id uuid, key_id uuid) returns uuid[]
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  spare jsonb := verne.choose_key(verne.spare_keys(move_queued.key_id));
  moved record;
  tasks uuid[] := '{}';
begin
  if spare is null then
    return tasks;
  end if;
  perform from public.tasks t where t.id in (select s.task_id from verne.sessions s -- the task before its session, as everywhere
    where s.account_id = move_queued.account_id and s.key_id = move_queued.key_id and s.ended_at is null and s.name is null) order by t.id for no key update;
  for moved in
    update verne.sessions s set account_id = (spare ->> 'account')::uuid, key_id = (spare ->> 'id')::uuid, revision = s.revision + 1,
      phase = 'queued', admitted_at = null
    where s.account_id = move_queued.account_id and s.key_id = move_queued.key_id and s.ended_at is null
      and s.name is null and s.attempted_at is null and s.attempts = 0
    returning s.task_id, s.tenant
  loop
    tasks := tasks || moved.task_id;
    update public.tasks t set account_id = (spare ->> 'account')::uuid, key_id = (spare ->> 'id')::uuid, key_last4 = spare ->> 'last4',
      last_error = null where t.id = moved.task_id;
    perform verne.publish_event('task.updated', 'task:' || moved.task_id, jsonb_build_object('key', spare -> 'last4'),
      jsonb_build_object('tenant', moved.tenant, 'source', 'tasks'));
  end loop;
  perform verne.admit_tasks((spare ->> 'account')::uuid);
  perform verne.publish_event('account.watched', 'account:' || (spare ->> 'account'), '{}', jsonb_build_object('source', 'tasks'));
  return tasks;
end $$;

-- The silence of a session that should not be silent, as short as a button can name it; null where it is not.
create or replace function verne.open_silence(session verne.sessions) returns text
language sql stable set search_path = '' as $$
  select left(md5(extract(epoch from session.silent_at)::text), 8) where session.silent_at is not null and session.ended_at is null
$$;

-- The task that a wish goes on from: {} where it names none, its id and what it is made as, or why not. Only what is over is
-- tried again; only what is finished is followed up.
create or replace function verne.parent_of(actor jsonb, guild uuid, wish jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  session verne.sessions;
begin
  if wish ->> 'parent' is null then
    return '{}';
  end if;
  select * into task from public.tasks t where t.id = (wish ->> 'parent')::uuid and t.guild_id = parent_of.guild
    and verne.sees_task(actor, t);
  select * into session from verne.sessions s where s.task_id = task.id;
  return case
    when task.id is null then jsonb_build_object('kind', 'unknown_task')
    when (verne.session_verbs(task, session) ? (wish ->> 'origin')) is not true
      then jsonb_build_object('kind', 'parent_moved', 'task', verne.task_view(task.id))
    else jsonb_build_object('id', task.id, 'origin', wish -> 'origin') end;
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
  select * into task from public.tasks t where t.id = plan_again.task_id::uuid for no key update;
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
    -- What may be on its way first; a nudge is about a session that takes nothing else.
    order by i.attempted_at is null, i.kind <> 'nudge', i.created_at, i.id limit 1);
end $$;
revoke all on function public.read_instruction from public, anon, authenticated;
grant execute on function public.read_instruction to service_role, verne_worker;

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
      'telling', exists (select from verne.instructions i where i.task_id = t.id and i.state = 'waiting' and i.attempted_at is not null),
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
  select * into task from public.tasks t where t.id = session.task_id for no key update;
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

-- Jules's session becomes the task's one session. `opened`: name, url, state, and strays, the others of the same marker.
create or replace function public.record_opened(task_id text, opened jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare session verne.sessions;
begin
  perform from public.tasks t where t.id = record_opened.task_id::uuid for no key update; -- the task before its session, as everywhere
  insert into verne.strays (name, task_id) select stray.name, record_opened.task_id::uuid
  from jsonb_array_elements_text(coalesce(opened -> 'strays', '[]')) stray(name) on conflict do nothing;
  update verne.sessions s set name = opened ->> 'name', url = opened ->> 'url', jules_state = opened ->> 'state',
    phase = case when s.ended_at is null then 'planning' else s.phase end,
    admitted_at = coalesce(s.admitted_at, verne.now()), -- one that landed later than anybody looked for it counts, too
    attempted_at = null, opened_at = verne.now(), moved_at = verne.now(), revision = s.revision + 1
  where s.task_id = record_opened.task_id::uuid and s.name is null
  returning * into session;
  if session.task_id is null then
    insert into verne.strays (name, task_id)
    select opened ->> 'name', s.task_id from verne.sessions s
    where s.task_id = record_opened.task_id::uuid and s.name <> opened ->> 'name' on conflict do nothing;
    return jsonb_build_object('kind', 'had_one');
  end if;
  update public.tasks t set last_error = null where t.id = session.task_id and t.status = 'in_progress' and t.last_error is not null;
  perform verne.publish_event('session.opened', 'task:' || session.task_id, jsonb_build_object('name', session.name),
    jsonb_build_object('tenant', session.tenant, 'source', 'tasks'));
  perform verne.publish_event('account.watched', 'account:' || session.account_id, '{}', jsonb_build_object('source', 'tasks'));
  return jsonb_build_object('kind', 'opened');
end $$;
revoke all on function public.record_opened from public, anon, authenticated;
grant execute on function public.record_opened to service_role, verne_worker;

-- The one write of following a session: what Jules said, what it means for the task, what people are to be told.
-- `change`: phase, jules_state, url, progress, activities_until, moved, silent, approval_sent, approved, finishing, archived, missing,
-- deleted, plan, patch, activities, notes, last_error, end {verb, pr_url, error}. 'stale' where somebody else has written meanwhile.
create or replace function public.record_session(task_id text, revision int, change jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  before verne.sessions;
  session verne.sessions;
  task public.tasks;
begin
  if change ?| '{end,archived}' then
    perform verne.lock_account(t.account_id) from public.tasks t where t.id = record_session.task_id::uuid;
  end if;
  select * into task from public.tasks t where t.id = record_session.task_id::uuid for no key update;
  select * into before from verne.sessions s where s.task_id = task.id;
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
  from (values ('session.turned', session.phase <> before.phase),
    ('session.silent', before.silent_at is null and session.silent_at is not null)) turn(topic, holds) where turn.holds;
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
  select * into task from public.tasks t where t.id = remind_task.task_id::uuid for no key update;
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
  parent := verne.parent_of(actor, (gate ->> 'guild')::uuid, wish);
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
  select * into task from public.tasks t where t.id = salvage_patch.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid
    and verne.sees_task(actor, t);
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
  select * into task from public.tasks t where t.guild_id = (gate ->> 'guild')::uuid and t.number = send_again.number for no key update;
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
      ('publish', task.pr_url is null and verne.pull_request_wanting(task, session) is not null
        and not verne.was_told(task.id, 'publish', verne.pull_request_wanting(task, session))),
      ('get_patch', task.pr_url is null and exists (select from verne.patches p where p.task_id = task.id)
        and (task.status <> 'in_progress' or session.phase in ('paused', 'unknown') or verne.open_silence(session) is not null)),
      ('follow_up', task.status = 'completed'),
      ('retry', task.status in ('failed', 'cancelled', 'expired', 'rejected') or task.status = 'completed' and task.pr_url is null),
      ('plan_again', task.status = 'in_progress' and session.phase = 'plan_expired')) given(verb, holds)
    where given.holds is true);
end $$;

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
  on conflict (task_id, hash) do update set created_at = excluded.created_at; -- a plan that comes back is the newest again
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

-- What was let in with a key that Jules refuses, and never asked for, queues again and gives its place back. Where a key is
-- gone, what may have begun with it can be neither found nor repeated: a person decides.
create or replace function verne.wait_for_key(account_id uuid, key_id uuid, why text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare left_open record;
begin
  perform from public.tasks t where t.id in (select s.task_id from verne.sessions s -- the task before its session, as everywhere
    where s.account_id = wait_for_key.account_id and s.key_id = wait_for_key.key_id and s.ended_at is null and s.name is null) order by t.id for no key update;
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

-- Whether somebody has told Jules this already, or it is on its way.
create or replace function verne.was_told(task_id uuid, kind text, about text) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from verne.instructions i
    where i.task_id = was_told.task_id and i.kind = was_told.kind and i.about = was_told.about and i.state <> 'refused')
$$;

reset check_function_bodies;
