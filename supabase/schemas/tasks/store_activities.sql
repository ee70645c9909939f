-- Keeps the plan, the patch and the activities by name, and hands the notes to whoever shows them. All of it may come twice.
create or replace function verne.store_activities(task_id uuid, change jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare note jsonb;
begin
  insert into verne.plans (task_id, hash, steps)
  select store_activities.task_id, change -> 'plan' ->> 'hash', change -> 'plan' -> 'steps' where change ? 'plan'
  on conflict (task_id, hash) do update set created_at = excluded.created_at; -- a plan that comes back is the newest again
  insert into verne.activities (task_id, name, kind, created_at, body)
  select store_activities.task_id, a ->> 'name', a ->> 'kind', (a ->> 'created_at')::timestamptz, coalesce(a -> 'body', '{}')
  from jsonb_array_elements(coalesce(change -> 'activities', '[]')) a
  on conflict do nothing;
  if change ? 'patch' then
    perform verne.keep_patch(store_activities.task_id, change -> 'patch');
  end if;
  for note in select n from jsonb_array_elements(coalesce(change -> 'notes', '[]')) n loop
    perform verne.add_message('task:' || store_activities.task_id, 'note', note ->> 'view', note -> 'at', note -> 'facts', note ->> 'dedupe');
  end loop;
end $$;
