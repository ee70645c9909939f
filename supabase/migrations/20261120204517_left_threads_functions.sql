set check_function_bodies = off;

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
  elsif message.facts = '{}' and message.parked_reason = 'The person was forgotten.' then
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

reset check_function_bodies;
