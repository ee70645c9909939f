-- Where among a server's tasks an actor may confirm: repository, branch and channel, a line each. `open_only`: where they may
-- let something begin now, among the tasks that still wait for somebody.
create or replace function verne.approver_places(actor jsonb, guild_id uuid, open_only boolean) returns text[]
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare places jsonb := (
  select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (
    select distinct t.repo, t.branch, t.channel_id as channel from public.tasks t
    where t.guild_id = approver_places.guild_id
      and (not open_only or t.status in ('pending_confirmation', 'in_progress'))) p);
begin
  return (
    select coalesce(array_agg(concat_ws(E'\n', m.place ->> 'repo', m.place ->> 'branch', m.place ->> 'channel')), '{}')
    from verne.may_where(actor, 'task.confirm', places) m(place)
    -- That the next act would be too fast says nothing of what waits.
    where not open_only
      or coalesce(verne.would_refuse(actor, 'task.confirm', m.place || '{"verb": "confirm"}') ->> 'kind', 'too_fast') = 'too_fast');
end $$;
