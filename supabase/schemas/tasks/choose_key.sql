-- Which of the keys that a request may use it takes: one that Jules did not refuse, of an account whose day still has a place
-- for it, and then of the one with the most room at once.
create or replace function verne.choose_key(keys jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  if jsonb_array_length(keys) < 2 then
    return keys -> 0;
  end if;
  return (
    select k.key from jsonb_array_elements(keys) with ordinality k(key, rank)
    cross join lateral verne.account_use((k.key ->> 'account')::uuid) u
    cross join lateral (select count(*) as live, count(*) filter (where s.admitted_at is null) as waiting from verne.sessions s
      where s.account_id = (k.key ->> 'account')::uuid and s.ended_at is null) q
    order by verne.key_refused((k.key ->> 'id')::uuid), greatest(q.waiting + 1 - (u.per_day - u.today), 0) / greatest(u.per_day, 0.01),
      q.live / greatest(u.at_once, 0.01), k.rank
    limit 1);
end $$;
