-- Named people hear by direct message of a task that waits for them, where the server has set it so. A mention, the
-- other way, is made when the card is posted.
create or replace function verne.tell_approvers(task public.tasks, standing jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.add_message('task:' || task.id, 'note', 'approval', jsonb_build_object('place', 'dm', 'id', person.id),
    jsonb_build_object('guild_id', standing -> 'guild_id'), 'task:' || task.id || ':approval:' || person.id)
  from jsonb_array_elements_text(standing -> 'notice' -> 'people') person(id)
  where standing -> 'notice' ->> 'how' = 'dm';
end $$;
