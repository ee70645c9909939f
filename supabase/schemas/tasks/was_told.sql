-- Whether somebody has told Jules this already, or it is on its way.
create or replace function verne.was_told(task_id uuid, kind text, about text) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from verne.instructions i
    where i.task_id = was_told.task_id and i.kind = was_told.kind and i.about = was_told.about and i.state <> 'refused')
$$;
