-- A task that nobody decided in time expires. Else: until when it waits, or that it does not wait (any more). Of one that stands
-- still in a pause that instant moves, so it is asked again, at most once a minute.
create or replace function public.expire_task(task_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare task public.tasks;
begin
  select * into task from public.tasks t where t.id = expire_task.task_id::uuid for no key update;
  if verne.let_expire(task) then
    return jsonb_build_object('kind', 'expired');
  end if;
  return case when task.status = 'pending_confirmation' and task.expires_at is not null then
    jsonb_build_object('kind', 'waits', 'until', greatest(verne.waits_until(task),
      case when verne.stands_still(verne.tenant_of(task.guild_id)) then verne.now() + interval '1 minute' end))
    else jsonb_build_object('kind', 'over') end;
end $$;
revoke all on function public.expire_task from public, anon, authenticated;
grant execute on function public.expire_task to service_role, verne_worker;
