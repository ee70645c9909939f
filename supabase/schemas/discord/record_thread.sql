-- The thread that belongs to a card, or why it has none.
create or replace function public.record_thread(id text, thread_id text default null, problem text default null) returns jsonb
language sql security definer set search_path = '' as $$
  update verne.messages m set thread_id = coalesce(record_thread.thread_id, m.thread_id), thread_problem = record_thread.problem
  where m.id = record_thread.id::uuid
  returning jsonb_build_object('kind', 'recorded')
$$;
revoke all on function public.record_thread from public, anon, authenticated;
grant execute on function public.record_thread to service_role, verne_worker;
