-- Changes a budget. `budget`: kind (person, role, server), id, per_day, at_once. Of the two limits the one that is not named
-- stays as it is, and null takes it away; a budget without either is gone. A person's own entry is set by somebody else, as
-- it is raised.
create or replace function public.change_budget(actor jsonb, budget jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('budget', budget - 'id') || case budget ->> 'kind'
    when 'person' then jsonb_build_object('person', nullif(budget ->> 'id', '')) else jsonb_build_object('id', budget -> 'id') end;
  gate jsonb := verne.authorise(actor, 'settings.change', args);
  held verne.budgets;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if budget ->> 'kind' = 'person' and budget ->> 'id' = actor ->> 'id' then
    perform verne.append_audit(actor, 'settings.change', 'refused: own_budget', args);
    return jsonb_build_object('kind', 'own_budget');
  end if;
  -- Two who change one budget at once do so one after the other, each from what the other left.
  perform from public.guilds g where g.id = (gate ->> 'guild')::uuid for update;
  delete from verne.budgets b where b.guild_id = gate ->> 'guild_id' and b.kind = budget ->> 'kind' and b.id = coalesce(budget ->> 'id', '')
  returning b.* into held;
  held.per_day := case when budget ? 'per_day' then (budget ->> 'per_day')::int else held.per_day end;
  held.at_once := case when budget ? 'at_once' then (budget ->> 'at_once')::int else held.at_once end;
  if num_nonnulls(held.per_day, held.at_once) > 0 then
    insert into verne.budgets (guild_id, kind, id, per_day, at_once)
    values (gate ->> 'guild_id', budget ->> 'kind', coalesce(budget ->> 'id', ''), held.per_day, held.at_once);
  end if;
  perform verne.append_audit(actor, 'settings.change', 'allowed', args);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_budget from public, anon, authenticated;
grant execute on function public.change_budget to service_role, verne_worker;
