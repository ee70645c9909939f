-- How many tasks a server (person null) and these people asked for in the last 24 hours, and how many of theirs are open, as
-- budgets count them. Whoever asked for none is not named.
create or replace function verne.used_by(people text[], guild uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('person', u.person, 'day', u.day, 'open', u.open)), '[]') from (
      select t.discord_user_id as person, count(*) filter (where t.created_at > verne.now() - interval '24 hours') as day,
        count(*) filter (where t.status in ('pending_confirmation', 'in_progress')) as open
      from public.tasks t where t.guild_id = used_by.guild and t.status not in ('rejected', 'expired')
        and (t.created_at > verne.now() - interval '24 hours' or t.status in ('pending_confirmation', 'in_progress'))
      group by grouping sets ((t.discord_user_id), ())) u
    where u.person is null or u.person = any(used_by.people));
end $$;
