-- Forgets what is old, a bounded batch at a time: patches that nothing was added to for 90 days.
create or replace function public.prune_tasks(batch int default 1000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare patches int;
begin
  delete from verne.patches where task_id in (
    select p.task_id from verne.patches p where p.kept_at < verne.now() - interval '90 days' limit batch for update skip locked);
  get diagnostics patches = row_count;
  return jsonb_build_object('patches', patches);
end $$;
revoke all on function public.prune_tasks from public, anon, authenticated;
grant execute on function public.prune_tasks to service_role, verne_worker;
