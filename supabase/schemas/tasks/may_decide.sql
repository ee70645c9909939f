-- What decide_task would answer now, for a door that opens a dialog first. It makes, changes and audits nothing.
create or replace function public.may_decide(actor jsonb, task_id text, verb text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  standing jsonb := verne.standing_of(actor);
  task public.tasks;
  is_own boolean;
begin
  if actor ->> 'guild' is null then
    return jsonb_build_object('kind', 'not_in_a_server');
  end if;
  select * into task from public.tasks t where t.id = may_decide.task_id::uuid;
  is_own := verb = 'cancel' and task.discord_user_id = actor ->> 'id';
  if is_own is not true and (standing ->> 'may_confirm')::boolean is not true then
    return verne.refused_there(actor, case when verb = 'cancel' then 'task.cancel' else 'task.confirm' end, '{}');
  end if;
  if task.guild_id is null or task.guild_id is distinct from (standing ->> 'guild')::uuid then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  if not exists (select from verne.transitions m
    where m.noun = 'task' and m.from_state = task.status and m.verb = may_decide.verb and m.operation is not null) then
    return jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id));
  end if;
  return jsonb_build_object('kind', 'allowed');
end $$;
revoke all on function public.may_decide from public, anon, authenticated;
grant execute on function public.may_decide to service_role, verne_worker;
