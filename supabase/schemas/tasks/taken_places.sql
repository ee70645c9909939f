-- When the places that an account's last 24 hours have taken come back, the first one first.
create or replace function verne.taken_places(account_id uuid) returns timestamptz[]
language sql stable set search_path = '' as $$
  select array(select s.admitted_at + interval '24 hours' from verne.sessions s, generate_series(0, s.recreated)
    where s.account_id = taken_places.account_id and s.admitted_at > verne.now() - interval '24 hours' order by s.admitted_at)
$$;
