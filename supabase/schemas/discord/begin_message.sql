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
