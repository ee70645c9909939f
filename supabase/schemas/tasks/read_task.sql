-- A task for whoever must show it; null where there is none. For workers, who act for nobody.
create or replace function public.read_task(task_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select verne.task_view(read_task.task_id::uuid)
$$;
revoke all on function public.read_task from public, anon, authenticated;
grant execute on function public.read_task to service_role, verne_worker;
