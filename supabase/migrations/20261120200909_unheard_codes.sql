set check_function_bodies = off;

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

-- The task whose card a thread begins at and the channel of both; null for every other thread.
create or replace function public.read_thread(thread_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('task_id', substr(m.subject, 6), 'channel_id', m.channel_id)
  from verne.messages m
  where m.kind = 'card' and m.message_id = read_thread.thread_id and m.subject like 'task:%' limit 1
$$;
revoke all on function public.read_thread from public, anon, authenticated;
grant execute on function public.read_thread to service_role, verne_worker;

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

reset check_function_bodies;
