-- The row of a request. One who may confirm needs no second person: the task starts at once.
create or replace function verne.insert_task(actor jsonb, request_key text, wish jsonb, standing jsonb, target jsonb) returns public.tasks
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  task public.tasks;
  starts boolean := (standing ->> 'may_confirm')::boolean;
  owner uuid := verne.hold_user(actor ->> 'id'); -- before the server's row, as at sign-in
begin
  insert into public.tasks (user_id, discord_user_id, guild_id, number, prompt, status, request_key, channel_id,
    repo, repo_from, branch, key_id, account_id, key_owner, key_last4, decided_by, decided_at, correlation_id)
  values (owner, actor ->> 'id', (standing ->> 'guild')::uuid,
    verne.next_task_number((standing ->> 'guild')::uuid), wish ->> 'prompt',
    case when starts then 'in_progress' else 'pending_confirmation' end, insert_task.request_key, actor ->> 'channel',
    target ->> 'repo', target ->> 'from', target ->> 'branch',
    (standing -> 'key' ->> 'id')::uuid, (standing -> 'key' ->> 'account')::uuid, standing -> 'key' ->> 'owner', standing -> 'key' ->> 'last4',
    case when starts then actor ->> 'id' end, case when starts then verne.now() end,
    coalesce((actor ->> 'correlation')::uuid, gen_random_uuid()))
  returning * into task;
  return task;
end $$;
