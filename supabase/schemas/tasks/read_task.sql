-- A task for whoever must show it; null where there is none. For workers, who act for nobody.
create or replace function public.read_task(task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select verne.task_view(read_task.task_id::uuid));
end $$;
revoke all on function public.read_task from public, anon, authenticated;
grant execute on function public.read_task to service_role, verne_worker;
