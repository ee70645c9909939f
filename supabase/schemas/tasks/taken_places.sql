-- When the places that an account's last 24 hours have taken come back, the first one first.
create or replace function verne.taken_places(account_id uuid) returns timestamptz[]
language sql stable set search_path = '' as $$
  select array(select c.at + interval '24 hours' from verne.creations c
    where c.account_id = taken_places.account_id and c.at > verne.now() - interval '24 hours' order by c.at)
$$;
