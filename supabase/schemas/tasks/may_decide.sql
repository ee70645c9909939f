-- What decide_task would answer now, for a door that opens a dialog first. It makes, changes and audits nothing: a task
-- whose hours are over has expired, whether or not anything has noticed yet.
create or replace function public.may_decide(actor jsonb, task_id text, verb text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  refusal jsonb;
begin
  -- Of another server's task nothing is known here, not even which repository it is about.
  select * into task from public.tasks t
  where t.id = may_decide.task_id::uuid and t.guild_id = (verne.standing_of(actor) ->> 'guild')::uuid;
  refusal := verne.would_refuse(actor,
    case when verb <> 'cancel' then 'task.confirm' when task.discord_user_id = actor ->> 'id' then 'task.withdraw' else 'task.cancel' end,
    jsonb_build_object('verb', verb, 'repo', task.repo, 'branch', task.branch, 'channel', task.channel_id));
  if refusal is not null then
    return refusal;
  end if;
  if task.id is null then
    return jsonb_build_object('kind', 'unknown_task');
  end if;
  if task.status = 'pending_confirmation' and verne.waits_until(task) <= verne.now() then
    return jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id) || '{"status": "expired", "verbs": []}');
  end if;
  if not exists (select from verne.transitions m
    where m.noun = 'task' and m.from_state = task.status and m.verb = may_decide.verb and m.operation is not null) then
    return jsonb_build_object('kind', 'too_late', 'task', verne.task_view(task.id));
  end if;
  return jsonb_build_object('kind', 'allowed');
end $$;
revoke all on function public.may_decide from public, anon, authenticated;
grant execute on function public.may_decide to service_role, verne_worker;
