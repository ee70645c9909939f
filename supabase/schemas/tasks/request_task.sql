-- A person asks: may they, with whose key, on what; then the task, its card, its event and the audit in one transaction.
-- The same request key gives the first answer again. `wish`: prompt, repo, branch, plan_review, parent
-- and origin: the task that it tries again ('retry') or follows up ('follow_up').
create or replace function public.request_task(actor jsonb, request_key text, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('repo', wish -> 'repo', 'branch', wish -> 'branch', 'prompt_length', length(wish ->> 'prompt'))
    || jsonb_strip_nulls(jsonb_build_object('parent', wish -> 'parent', 'origin', wish -> 'origin'));
  gate jsonb;
  target jsonb;
  parent jsonb;
  task public.tasks;
begin
  -- The same request may come by two doors at once.
  perform pg_advisory_xact_lock(hashtextextended('request:' || request_task.request_key, 7));
  select * into task from public.tasks t where t.request_key = request_task.request_key;
  if task.id is not null then
    return jsonb_build_object('kind', 'requested', 'task', verne.task_view(task.id));
  end if;
  gate := verne.authorise(actor, 'task.create', args);
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  gate := gate || jsonb_build_object('key', verne.choose_key(gate -> 'keys'));
  parent := verne.parent_of(actor, (gate ->> 'guild')::uuid, wish);
  target := case when parent ? 'kind' then parent else verne.admissible(actor, gate, wish) end;
  if target ->> 'kind' <> 'target' then
    if target ->> 'kind' in ('unknown_repo', 'unknown_branch') then -- it may have been added since: look again at once
      perform verne.publish_event('sources.wanted', 'key:' || (gate -> 'key' ->> 'id'), '{}', jsonb_build_object('source', 'tasks'));
    end if;
    perform verne.append_audit(actor, 'task.create', 'refused: ' || (target ->> 'kind'), args);
    return target;
  end if;
  task := verne.insert_task(actor, request_key, wish, gate, target);
  perform verne.publish_event('task.requested', 'task:' || task.id, jsonb_build_object('by', actor ->> 'id'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
  perform verne.add_message('task:' || task.id, 'card', 'task', jsonb_build_object('place', 'channel', 'id', task.channel_id),
    jsonb_build_object('notice', gate -> 'notice', 'guild_id', gate ->> 'guild_id'), 'task:' || task.id || ':card');
  if task.parent is not null then -- its card names what became of it
    perform verne.publish_event('task.updated', 'task:' || task.parent, '{}', jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'tasks'));
  end if;
  if task.status = 'in_progress' then
    perform verne.queue_session(task, gate ->> 'guild_id');
  else
    perform verne.tell_approvers(task, gate);
  end if;
  perform verne.append_audit(actor, 'task.create', 'allowed', args || jsonb_build_object('task', task.id, 'number', task.number,
    'key_id', task.key_id, 'key_owner', task.key_owner));
  return jsonb_build_object('kind', 'requested', 'task', verne.task_view(task.id));
end $$;
revoke all on function public.request_task from public, anon, authenticated;
grant execute on function public.request_task to service_role, verne_worker;
