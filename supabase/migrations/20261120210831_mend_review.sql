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

drop function verne.parent_of(guild uuid, wish jsonb);
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

reset check_function_bodies;
