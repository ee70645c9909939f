-- What was taken from an allowance, whose row is held until the transaction ends.
create or replace function verne.hold_rate(key text) returns timestamptz
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare tat timestamptz;
begin
  select r.tat into tat from verne.rates r where r.key = hold_rate.key for update;
  if tat is null then
    insert into verne.rates (key, tat) values (hold_rate.key, 'epoch') on conflict (key) do nothing;
    select r.tat into tat from verne.rates r where r.key = hold_rate.key for update;
  end if;
  return tat;
end $$;
