-- How long tasks of a server took, in seconds: from the request to its decision, and from its confirmation to the first pull
-- request; null where that has not come, or where no second person was asked. One task, or those of the last 30 days.
create or replace function verne.task_times(guild_id uuid, task_id uuid default null) returns table (approval_s numeric, pr_s numeric)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    select case when t.expires_at is not null then extract(epoch from t.decided_at - t.created_at) end,
      extract(epoch from (select min(h.at) from verne.history h where h.task_id = t.id and h.state = 'pull_request') - t.decided_at)
    from public.tasks t
    where t.guild_id = task_times.guild_id and (t.id = task_times.task_id
      or task_times.task_id is null and t.created_at > verne.now() - interval '30 days');
end $$;
