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
