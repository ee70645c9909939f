-- The row of a request. One who may confirm this very thing needs no second person, unless the server asks for one: then
-- their own approval is the first. The server's policy is kept with the task, as it was when it was asked for.
create or replace function verne.insert_task(actor jsonb, request_key text, wish jsonb, standing jsonb, target jsonb) returns public.tasks
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  policy jsonb := standing -> 'policy';
  approves boolean := (standing ->> 'may_confirm')::boolean and (policy ->> 'self_approval')::boolean
    and verne.refused_there(actor, 'task.confirm', target) is null;
  plan jsonb := verne.choose_plan(standing, wish, approves);
  starts boolean := approves and (policy ->> 'approvals')::int = 1;
begin
  insert into public.tasks (user_id, discord_user_id, guild_id, number, prompt, status, request_key, channel_id,
    repo, repo_from, branch, key_id, account_id, key_owner, key_last4, decided_by, decided_at, correlation_id,
    approvals_needed, self_approval, expires_at, plan_review, plan_from, parent, origin)
  values (verne.hold_user(actor ->> 'id'), actor ->> 'id', (standing ->> 'guild')::uuid,
    verne.next_task_number((standing ->> 'guild')::uuid), wish ->> 'prompt',
    case when starts then 'in_progress' else 'pending_confirmation' end, insert_task.request_key, actor ->> 'channel',
    target ->> 'repo', target ->> 'from', target ->> 'branch',
    (standing -> 'key' ->> 'id')::uuid, (standing -> 'key' ->> 'account')::uuid, standing -> 'key' ->> 'owner', standing -> 'key' ->> 'last4',
    case when starts then actor ->> 'id' end, case when starts then verne.now() end,
    coalesce((actor ->> 'correlation')::uuid, gen_random_uuid()),
    (policy ->> 'approvals')::int, (policy ->> 'self_approval')::boolean,
    case when not starts then verne.now() + (policy ->> 'expire_hours')::int * interval '1 hour' end,
    (plan ->> 'review')::boolean, plan ->> 'from', (wish ->> 'parent')::uuid, wish ->> 'origin')
  returning * into task;
  if approves then
    insert into verne.approvals (task_id, approver) values (task.id, actor ->> 'id');
  end if;
  return task;
end $$;
