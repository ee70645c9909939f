-- The budgets of a server, what is used of them now, and what was raised: as its members may see them. Of people those are
-- named who have an entry of their own, and who asks.
create or replace function public.read_limits(actor jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  gate jsonb := verne.authorise(actor, 'settings.read');
  limits jsonb;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  limits := verne.limits_here(actor);
  perform verne.append_audit(actor, 'settings.read', 'allowed');
  return limits || jsonb_build_object('kind', 'limits', 'used', verne.used_by(
    array(select b ->> 'id' from jsonb_array_elements(limits -> 'budgets') b where b ->> 'kind' = 'person') || (actor ->> 'id'),
    (gate ->> 'guild')::uuid));
end $$;
revoke all on function public.read_limits from public, anon, authenticated;
grant execute on function public.read_limits to service_role, verne_worker;
