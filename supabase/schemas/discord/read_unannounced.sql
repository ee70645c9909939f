-- The cards of a channel that were posted without a mention because another had just been announced.
create or replace function public.read_unannounced(channel_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('now', verne.now(),
    'announced_at', (select max(m.announced_at) from verne.messages m where m.place_id = read_unannounced.channel_id),
    'cards', (select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'subject', m.subject, 'channel_id', m.channel_id,
        'message_id', m.message_id, 'facts', m.facts) order by m.seq), '[]')
      from verne.messages m where m.place_id = read_unannounced.channel_id and m.kind = 'card'
        and m.message_id is not null and m.announced_at is null and m.created_at > verne.now() - interval '1 day'))
$$;
revoke all on function public.read_unannounced from public, anon, authenticated;
grant execute on function public.read_unannounced to service_role, verne_worker;
