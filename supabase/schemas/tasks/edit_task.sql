-- Its requester changes the words of a task that waits, and where they are to be done: checked as a request is, at the cost of
-- none, and its plan is read where one asked for there would be. Whoever approved did so of other words: that is void. `edits` names the words that were changed: of two
-- edits at once the second one is told so. `wish`: prompt, repo, branch.
create or replace function public.edit_task(actor jsonb, task_id text, edits int, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('task', task_id, 'repo', wish -> 'repo', 'branch', wish -> 'branch', 'prompt_length', length(wish ->> 'prompt'));
  gate jsonb := verne.authorise(actor, 'task.edit', args);
  task public.tasks;
  target jsonb;
  plan jsonb;
  void int;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into task from public.tasks t where t.id = edit_task.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid for no key update;
  target := verne.edit_refused(actor, task, gate, edits);
  if target is null then
    target := verne.choose_target(gate || jsonb_build_object('key', jsonb_build_object('id', task.key_id)), wish);
    target := coalesce(case when target ->> 'kind' = 'target' then verne.refused_there(actor, 'task.create', target) end, target);
  end if;
  if target ->> 'kind' <> 'target' then
    perform verne.append_audit(actor, 'task.edit', 'refused: ' || (target ->> 'kind'), args);
    return target || case when target ->> 'kind' in ('too_late', 'edited_before') then jsonb_build_object('task', verne.task_view(task.id)) else '{}' end;
  end if;
  if (task.prompt, task.repo, task.branch) is not distinct from (wish ->> 'prompt', target ->> 'repo', target ->> 'branch') then
    return jsonb_build_object('kind', 'unchanged', 'task', verne.task_view(task.id));
  end if;
  plan := verne.choose_plan(gate, jsonb_build_object('plan_review', case when task.plan_from = 'option' then task.plan_review end),
    (gate ->> 'may_confirm')::boolean and (gate -> 'policy' ->> 'self_approval')::boolean and verne.refused_there(actor, 'task.confirm', target) is null);
  delete from verne.approvals a where a.task_id = task.id;
  get diagnostics void = row_count;
  update public.tasks t set prompt = wish ->> 'prompt', branch = target ->> 'branch',
    repo_from = case when t.repo = target ->> 'repo' then t.repo_from else target ->> 'from' end, repo = target ->> 'repo',
    plan_review = (plan ->> 'review')::boolean, plan_from = plan ->> 'from',
    edits = t.edits + 1, edited_at = verne.now(), edited_after = void
  where t.id = task.id;
  perform verne.publish_event('task.edited', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.append_audit(actor, 'task.edit', 'allowed', args || jsonb_build_object('number', task.number, 'void_approvals', void));
  return jsonb_build_object('kind', 'edited', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.edit_task from public, anon, authenticated;
grant execute on function public.edit_task to service_role, verne_worker;
