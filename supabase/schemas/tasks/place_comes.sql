-- When a place in a queue is served, if so many `slots` serve it and each is taken for `lasts`: `ends` says, in order, when
-- those that are taken now fall free. Null: never, as there are none.
create or replace function verne.place_comes(place int, slots int, ends timestamptz[], lasts interval, now timestamptz) returns timestamptz
language plpgsql immutable set search_path = '' as $$
#variable_conflict use_column
declare after int := place_comes.place - greatest(slots - cardinality(ends), 0) - 1; -- so many before it wait for an end, too
begin
  if slots = 0 then
    return null;
  elsif after < 0 then
    return now;
  end if;
  return greatest(now, coalesce(ends[1 + greatest(cardinality(ends) - slots, 0) + after % slots], now + lasts)) + after / slots * lasts;
end $$;
