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
