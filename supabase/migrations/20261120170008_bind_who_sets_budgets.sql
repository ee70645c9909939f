set check_function_bodies = off;

drop function verne.budget_of(jsonb);
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

-- Changes a budget. `budget`: kind (person, role, server), id, per_day, at_once. Of the two limits the one that is not named
-- stays as it is, and null takes it away; a budget without either is gone. Nobody sets the entry of their own name, nor any
-- other by which they themselves could ask for more than before: somebody else does it, as with a raise.
create or replace function public.change_budget(actor jsonb, budget jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('budget', budget - 'id') || case budget ->> 'kind'
    when 'person' then jsonb_build_object('person', nullif(budget ->> 'id', '')) else jsonb_build_object('id', budget -> 'id') end;
  gate jsonb := verne.authorise(actor, 'settings.change', args);
  wanted verne.budgets;
  before record;
  after record;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  -- Two who change one budget at once do so one after the other, each from what the other left.
  perform from public.guilds g where g.id = (gate ->> 'guild')::uuid for update;
  select * into wanted from verne.budgets b
  where b.guild_id = gate ->> 'guild_id' and b.kind = budget ->> 'kind' and b.id = coalesce(budget ->> 'id', '');
  wanted.guild_id := gate ->> 'guild_id';
  wanted.kind := budget ->> 'kind';
  wanted.id := coalesce(budget ->> 'id', '');
  wanted.per_day := case when budget ? 'per_day' then (budget ->> 'per_day')::int else wanted.per_day end;
  wanted.at_once := case when budget ? 'at_once' then (budget ->> 'at_once')::int else wanted.at_once end;
  select * into before from verne.budget_of(actor);
  select * into after from verne.budget_of(actor, wanted);
  if wanted.kind = 'person' and wanted.id = actor ->> 'id' or actor ->> 'door' is distinct from 'operator'
    and (coalesce(after.per_day, 'infinity'::float8) > before.per_day or coalesce(after.at_once, 'infinity'::float8) > before.at_once) then
    perform verne.append_audit(actor, 'settings.change', 'refused: own_budget', args);
    return jsonb_build_object('kind', 'own_budget');
  end if;
  delete from verne.budgets b where b.guild_id = wanted.guild_id and b.kind = wanted.kind and b.id = wanted.id;
  if num_nonnulls(wanted.per_day, wanted.at_once) > 0 then
    insert into verne.budgets select wanted.*;
  end if;
  perform verne.append_audit(actor, 'settings.change', 'allowed', args);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_budget from public, anon, authenticated;
grant execute on function public.change_budget to service_role, verne_worker;

reset check_function_bodies;
