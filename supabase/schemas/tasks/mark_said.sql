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
