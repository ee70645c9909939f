-- Sets a budget, or removes it where both limits are null. `budget`: kind (person, role, server), id, per_day, at_once.
-- A person's own entry is set by somebody else, as it is raised.
create or replace function public.change_budget(actor jsonb, budget jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('budget', budget - 'id') || case budget ->> 'kind'
    when 'person' then jsonb_build_object('person', nullif(budget ->> 'id', '')) else jsonb_build_object('id', budget -> 'id') end;
  gate jsonb := verne.authorise(actor, 'settings.change', args);
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if budget ->> 'kind' = 'person' and budget ->> 'id' = actor ->> 'id' then
    perform verne.append_audit(actor, 'settings.change', 'refused: own_budget', args);
    return jsonb_build_object('kind', 'own_budget');
  end if;
  delete from verne.budgets b where b.guild_id = gate ->> 'guild_id' and b.kind = budget ->> 'kind' and b.id = coalesce(budget ->> 'id', '');
  if budget ->> 'per_day' is not null or budget ->> 'at_once' is not null then
    insert into verne.budgets (guild_id, kind, id, per_day, at_once)
    values (gate ->> 'guild_id', budget ->> 'kind', coalesce(budget ->> 'id', ''), (budget ->> 'per_day')::int, (budget ->> 'at_once')::int);
  end if;
  perform verne.append_audit(actor, 'settings.change', 'allowed', args);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_budget from public, anon, authenticated;
grant execute on function public.change_budget to service_role, verne_worker;
