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
