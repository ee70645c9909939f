-- Whether somebody may see a task of their server beyond its card: who asked for it, everybody where it was asked, and who may
-- confirm it. What was asked in a channel is shown in no other one to those who may not be in it.
create or replace function verne.sees_task(actor jsonb, task public.tasks) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return task.id is not null and (task.discord_user_id = actor ->> 'id'
    or task.channel_id in (actor ->> 'channel', actor ->> 'parent_channel')
    or verne.refused_there(actor, 'task.confirm',
      jsonb_build_object('repo', task.repo, 'branch', task.branch, 'channel', task.channel_id)) is null);
end $$;
