-- Where among a server's tasks an actor may confirm: repository, branch and channel. `open_only`:
-- where they may let something begin now, among the tasks that still wait for somebody.
create or replace function verne.approver_places(actor jsonb, guild_id uuid, open_only boolean) returns text[]
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(array_agg(concat_ws(E'\n', p.repo, p.branch, p.channel_id)), '{}') from (
      select distinct t.repo, t.branch, t.channel_id from public.tasks t
      where t.guild_id = approver_places.guild_id
        and (not open_only or t.status in ('pending_confirmation', 'in_progress'))) p
    cross join lateral (select jsonb_build_object('verb', 'confirm', 'repo', p.repo, 'branch', p.branch, 'channel', p.channel_id) as scope) s
    where verne.refused_there(actor, 'task.confirm', s.scope) is null
      -- That the next act would be too fast says nothing of what waits.
      and (not open_only or coalesce(verne.would_refuse(actor, 'task.confirm', s.scope) ->> 'kind', 'too_fast') = 'too_fast'));
end $$;
