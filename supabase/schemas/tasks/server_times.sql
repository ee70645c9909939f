-- The medians of a server's last 30 days, in seconds, and of how many tasks.
create or replace function verne.server_times(guild_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('approval_s', percentile_cont(0.5) within group (order by f.approval_s), 'decided', count(f.approval_s),
      'pr_s', percentile_cont(0.5) within group (order by f.pr_s), 'prs', count(f.pr_s))
    from verne.task_times(server_times.guild_id) f);
end $$;
