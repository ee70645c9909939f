-- What a subject has to show: its cards always, its notes until they are sent or parked. In the order they were added.
create or replace function public.read_messages(subject text, announced_within_ms int default 0) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('now', verne.now(), 'messages', coalesce(jsonb_agg(
    to_jsonb(m) - 'seq' - 'subject' - 'dedupe' || jsonb_build_object('others_announced', exists (
      select from verne.messages o where o.place_id = m.place_id and o.id <> m.id
        and o.announced_at > verne.now() - announced_within_ms * interval '1 ms'))
    order by m.seq), '[]'))
  from verne.messages m
  where m.subject = read_messages.subject and (m.kind = 'card' or m.message_id is null and m.parked_reason is null)
$$;
revoke all on function public.read_messages from public, anon, authenticated;
grant execute on function public.read_messages to service_role, verne_worker;
