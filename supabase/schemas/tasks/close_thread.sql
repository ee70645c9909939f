-- Whoever follows a task in its thread learns there too how it ended.
create or replace function verne.close_thread(task public.tasks, facts jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.add_message('task:' || task.id, 'note', 'closing', jsonb_build_object('place', 'thread', 'id', task.channel_id),
    close_thread.facts, 'task:' || task.id || ':closing:' || coalesce(close_thread.facts ->> 'pr_url', close_thread.facts ->> 'phase'));
end $$;
