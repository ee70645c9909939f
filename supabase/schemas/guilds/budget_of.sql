-- What a person may ask for here: their own entry, else the most generous of their roles, else everybody's. Null: no limit.
-- With `instead` it is what they could ask for if this entry were as it says; without limits it were gone.
create or replace function verne.budget_of(actor jsonb, instead verne.budgets default null, out per_day int, out at_once int) returns record
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  select case when bool_and(b.per_day is not null) then max(b.per_day) end,
    case when bool_and(b.at_once is not null) then max(b.at_once) end into budget_of.per_day, budget_of.at_once
  from (
    select b.*, rank() over (order by case when b.kind = 'role' then 2 when b.id = '' then 3 else 1 end) as place
    from (
      select h.* from verne.budgets h where (h.kind, h.id) is distinct from ((instead).kind, (instead).id)
      union all
      select (instead).* where num_nonnulls((instead).per_day, (instead).at_once) > 0) b
    where b.guild_id = actor ->> 'guild' and (b.kind = 'person' and b.id in ('', actor ->> 'id')
      or b.kind = 'role' and actor -> 'roles' ? b.id)) b
  where b.place = 1;
end $$;
