-- The task whose card a thread begins at and the channel of both; null for every other thread.
create or replace function public.read_thread(thread_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('task_id', substr(m.subject, 6), 'channel_id', m.channel_id)
  from verne.messages m
  where m.kind = 'card' and m.message_id = read_thread.thread_id and m.subject like 'task:%' limit 1
$$;
revoke all on function public.read_thread from public, anon, authenticated;
grant execute on function public.read_thread to service_role, verne_worker;
