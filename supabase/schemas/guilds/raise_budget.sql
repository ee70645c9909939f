-- Gives a person, or (person null) the whole server, so many more tasks for a day. Nobody raises what binds themselves: a
-- person's own budget takes somebody else, a server's takes one who may change its settings.
create or replace function public.raise_budget(actor jsonb, person text, extra int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case when person is null then 'settings.change' else 'limits.raise' end;
  args jsonb := jsonb_build_object('person', raise_budget.person, 'extra', extra);
  gate jsonb := verne.authorise(actor, operation, args);
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if raise_budget.person = actor ->> 'id' then
    perform verne.append_audit(actor, operation, 'refused: own_budget', args);
    return jsonb_build_object('kind', 'own_budget');
  end if;
  insert into verne.raises (guild_id, person_id, extra, raised_by, until)
  values (gate ->> 'guild_id', raise_budget.person, raise_budget.extra, actor ->> 'id', verne.now() + interval '24 hours');
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'raised', 'until', verne.now() + interval '24 hours');
end $$;
revoke all on function public.raise_budget from public, anon, authenticated;
grant execute on function public.raise_budget to service_role, verne_worker;
