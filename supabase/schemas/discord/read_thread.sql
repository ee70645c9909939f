-- The task whose card a thread begins at, or began at before it was deleted and sent again, and the card's channel; null for
-- every other thread. `is_left`: the card has moved on and has another thread, so what is written here reaches nobody.
create or replace function public.read_thread(thread_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('task_id', substr(m.subject, 6), 'channel_id', coalesce(m.channel_id, m.place_id), 'is_left', found.is_left)
  from (
    select c.id, false as is_left from verne.messages c where c.kind = 'card' and c.message_id = read_thread.thread_id
    union all
    select c.id, false from verne.messages c where c.kind = 'card' and c.thread_id = read_thread.thread_id
    union all
    select c.id, true from verne.messages c
    where c.kind = 'card' and c.left_threads <> '{}' and c.left_threads @> array[read_thread.thread_id]
  ) found join verne.messages m on m.id = found.id
  where m.subject like 'task:%' order by found.is_left limit 1
$$;
revoke all on function public.read_thread from public, anon, authenticated;
grant execute on function public.read_thread to service_role, verne_worker;
