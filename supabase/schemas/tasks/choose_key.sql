-- Which of the keys that a request may use it takes: one that Jules did not refuse, of the account with the most room.
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
    order by (k.key ->> 'problem')::boolean, (select count(*) from verne.sessions s
        where s.account_id = (k.key ->> 'account')::uuid and s.ended_at is null)::float8 / greatest(least(u.at_once, u.per_day - u.today), 0.01), k.rank
    limit 1);
end $$;
