-- Takes one action from what a person, a person here, and the server are allowed (GCRA): null, or in how many milliseconds
-- to come again. A clock that was set back makes nobody wait longer than an empty bucket does.
create or replace function verne.take_rate(actor jsonb) returns int
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  instant timestamptz := verne.now();
  bound record;
  mine text;
  wait interval;
begin
  if actor ->> 'door' = 'operator' then
    return null;
  end if;
  for bound in
    select l.scope, interval '1 minute' / l.per_minute::float8 as step, interval '1 minute' / l.per_minute::float8 * l.burst as room
    from verne.rate_limits l order by l.scope
  loop
    mine := bound.scope || ':' || case bound.scope when 'person' then actor ->> 'id' when 'server' then actor ->> 'guild'
      else (actor ->> 'guild') || ':' || (actor ->> 'id') end;
    insert into verne.rates as r (key, tat) values (mine, instant + bound.step)
    on conflict (key) do update set tat = greatest(least(r.tat, instant + bound.room - bound.step), instant) + bound.step
      where greatest(r.tat, instant) + bound.step - bound.room <= instant or r.tat > instant + bound.room;
    if not found then
      select greatest(wait, r.tat + bound.step - bound.room - instant) into wait from verne.rates r where r.key = mine;
    end if;
  end loop;
  return ceil(extract(epoch from wait) * 1000)::int;
end $$;
