-- What an account allows, what of it is used now and in the last 24 hours, and how long its last sessions took.
create or replace function verne.account_use(account_id uuid)
returns table (per_day int, at_once int, running int, today int, usual interval)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare limits jsonb := verne.account_limits(account_use.account_id);
begin
  return query select (limits ->> 'per_day')::int, (limits ->> 'at_once')::int,
    cardinality(verne.running_since(account_use.account_id)), cardinality(verne.taken_places(account_use.account_id)),
    (select coalesce(percentile_cont(0.5) within group (order by l.took), interval '10 minutes') from (
      select s.ended_at - s.admitted_at as took from verne.sessions s
      where s.account_id = account_use.account_id and s.ended_at is not null and s.admitted_at is not null
      order by s.ended_at desc limit 20) l);
end $$;
