set check_function_bodies = off;

-- The call is known to have landed, or (with `intent` alone) never to have been made: its intent is cleared.
-- `shown`: intent (whose it is; another worker's stays), channel_id, message_id, hash, unannounced (posted without the
-- mention it was meant to have), settled (the doubt of an earlier edit is over), forbidden (its place is closed for now:
-- refusals less than an hour apart are one trouble).
create or replace function public.record_message(id text, shown jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare message verne.messages;
begin
  update verne.messages m set
    sending_since = case when shown ? 'intent' and m.sending_since <> (shown ->> 'intent')::timestamptz then m.sending_since end,
    channel_id = coalesce(m.channel_id, shown ->> 'channel_id'),
    message_id = coalesce(m.message_id, shown ->> 'message_id'),
    posted_at = case when m.message_id is null and shown ? 'message_id' then verne.now() else m.posted_at end,
    shown_hash = coalesce(shown ->> 'hash', m.shown_hash),
    shown_at = case when shown ? 'hash' then verne.now() else m.shown_at end,
    forbidden_since = case when shown ? 'hash' then null when not (shown ->> 'forbidden')::boolean is not false then m.forbidden_since
      when m.forbidden_at > verne.now() - interval '1 hour' then m.forbidden_since else verne.now() end,
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

-- Whether a repository and branch are known to be wrong for the key that this person would use. Persists nothing; where
-- nothing is known, or the person may not ask for tasks, the answer is `unchecked`.
create or replace function public.check_target(actor jsonb, repo text, branch text default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  standing jsonb := verne.standing_of(actor);
  target jsonb;
begin
  if (standing ->> 'may_create')::boolean is not true or standing -> 'key' = 'null'::jsonb then
    return jsonb_build_object('kind', 'unchecked');
  end if;
  target := verne.choose_target(standing, jsonb_build_object('repo', check_target.repo, 'branch', check_target.branch));
  return case when target ->> 'kind' = 'target' then jsonb_build_object('kind', 'unchecked') else target end;
end $$;
revoke all on function public.check_target from public, anon, authenticated;
grant execute on function public.check_target to service_role, verne_worker;

reset check_function_bodies;
