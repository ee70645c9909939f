-- How a person wants the plans of their own tasks here: 'read' by people first, or 'run'; null forgets it, as the server has it.
create or replace function public.choose_plans(actor jsonb, plans text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('plans', choose_plans.plans);
  gate jsonb := verne.authorise(actor, 'own.change', args);
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  delete from verne.plan_choices c where c.guild_id = gate ->> 'guild_id' and c.person_id = actor ->> 'id';
  if choose_plans.plans is not null then
    insert into verne.plan_choices (guild_id, person_id, plans) values (gate ->> 'guild_id', actor ->> 'id', choose_plans.plans);
  end if;
  perform verne.append_audit(actor, 'own.change', 'allowed', args);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.choose_plans from public, anon, authenticated;
grant execute on function public.choose_plans to service_role, verne_worker;
