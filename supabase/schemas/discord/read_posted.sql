-- Message ids that are already known as somebody's in a channel, so that a search for a lost one does not take them.
create or replace function public.read_posted(channel_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(m.message_id), '[]') from (
    select m.message_id from verne.messages m where m.channel_id = read_posted.channel_id and m.message_id is not null
    order by m.seq desc limit 500) m
$$;
revoke all on function public.read_posted from public, anon, authenticated;
grant execute on function public.read_posted to service_role, verne_worker;
