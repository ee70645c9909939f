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
