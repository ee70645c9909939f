-- The call is known to have landed, or (with `intent` alone) never to have been made: its intent is cleared.
-- `shown`: intent (whose it is; another worker's stays), channel_id, message_id, hash, unannounced (posted without the
-- mention it was meant to have), settled (the doubt of an earlier edit is over), forbidden (its place is closed for now, which
-- says nothing of intents; refusals less than an hour apart are one trouble).
create or replace function public.record_message(id text, shown jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  message verne.messages;
  is_forbidden boolean := coalesce((shown ->> 'forbidden')::boolean, false);
begin
  update verne.messages m set
    sending_since = case when is_forbidden or shown ? 'intent' and m.sending_since <> (shown ->> 'intent')::timestamptz
      then m.sending_since end,
    channel_id = coalesce(m.channel_id, shown ->> 'channel_id'),
    message_id = coalesce(m.message_id, shown ->> 'message_id'),
    posted_at = case when m.message_id is null and shown ? 'message_id' then verne.now() else m.posted_at end,
    shown_hash = coalesce(shown ->> 'hash', m.shown_hash),
    shown_at = case when shown ? 'hash' then verne.now() else m.shown_at end,
    forbidden_since = case when shown ? 'hash' then null when not is_forbidden then m.forbidden_since
      when m.forbidden_at > verne.now() - interval '1 hour' then m.forbidden_since else verne.now() end,
    forbidden_at = case when shown ? 'hash' then null when is_forbidden then verne.now() else m.forbidden_at end,
    unsure_until = case when (shown ->> 'settled')::boolean then null else m.unsure_until end
  where m.id = record_message.id::uuid
  returning * into message;
  if message.kind = 'card' and (shown ->> 'unannounced')::boolean then
    perform verne.publish_event('card.unannounced', 'channel:' || message.place_id, '{}', jsonb_build_object('source', 'discord'));
  end if;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_message from public, anon, authenticated;
grant execute on function public.record_message to service_role, verne_worker;
