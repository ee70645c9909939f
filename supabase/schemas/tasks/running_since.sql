-- Since when the places of an account are held that one session at once takes each: until it ended, and a cancelled one until
-- it is known to be stopped at Jules, or for a day if that never is.
create or replace function verne.running_since(account_id uuid) returns timestamptz[]
language sql stable set search_path = '' as $$
  select array(select s.admitted_at from verne.sessions s
    where s.account_id = running_since.account_id and s.holds_place and (s.ended_at is null or s.ended_at > verne.now() - interval '1 day')
    order by s.admitted_at)
$$;
