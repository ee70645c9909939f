-- Whether this person made this very decision a moment ago: a press that arrives twice is one press, not a late one.
create or replace function verne.just_decided(task public.tasks, verb text, actor_id text) returns boolean
language sql stable set search_path = '' as $$
  select case verb
    when 'confirm' then task.decided_by = actor_id and task.status <> 'rejected' and task.decided_at > verne.now() - interval '10 seconds'
    when 'reject' then task.decided_by = actor_id and task.status = 'rejected' and task.decided_at > verne.now() - interval '10 seconds'
    when 'cancel' then task.ended_by = actor_id and task.status = 'cancelled'
    else false end
$$;
