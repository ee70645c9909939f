set check_function_bodies = off;

-- What autocomplete offers, from the cache: repositories of the key that this person's own request would use, or the
-- branches of one. Persists nothing. `field`: repo or branch.
create or replace function public.read_choices(actor jsonb, field text, typed text, repo text default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  standing jsonb := verne.standing_of(actor);
  mine uuid := (standing -> 'key' ->> 'id')::uuid;
  target text := coalesce(read_choices.repo, standing -> 'repos' -> 0 ->> 'repo');
begin
  if (standing ->> 'may_create')::boolean is not true then
    return '[]'::jsonb;
  end if;
  return (select coalesce(jsonb_agg(found.choice order by found.rank, found.choice), '[]') from (
    select c.choice, case when c.choice ilike typed || '%' then 0 else 1 end as rank
    from verne.sources s cross join lateral (
      select s.repo as choice where field = 'repo'
      union all
      select b from unnest(s.branches) b where field = 'branch' and lower(s.repo) = lower(target)) c
    where s.key_id = mine and position(lower(typed) in lower(c.choice)) > 0
    order by rank, c.choice limit 25) found);
end $$;
revoke all on function public.read_choices from public, anon, authenticated;
grant execute on function public.read_choices to service_role, verne_worker;

reset check_function_bodies;
