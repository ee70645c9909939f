-- What a person and the whole server have asked for, as budgets count it: the instants of the last 24 hours, oldest first,
-- and how many are open. What was rejected or expired is given back.
create or replace function verne.spent_by(person text, guild uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    with mine as (
      select t.created_at, t.discord_user_id = spent_by.person as own, t.created_at > verne.now() - interval '24 hours' as today,
        t.status in ('pending_confirmation', 'in_progress') as open
      from public.tasks t where t.guild_id = spent_by.guild and t.status not in ('rejected', 'expired')
        and (t.created_at > verne.now() - interval '24 hours' or t.status in ('pending_confirmation', 'in_progress')))
    select jsonb_build_object(
      'person', jsonb_build_object('open', count(*) filter (where m.own and m.open),
        'day', coalesce(jsonb_agg(m.created_at order by m.created_at) filter (where m.own and m.today), '[]')),
      'server', jsonb_build_object('open', count(*) filter (where m.open),
        'day', coalesce(jsonb_agg(m.created_at order by m.created_at) filter (where m.today), '[]')))
    from mine m);
end $$;
