-- Grants a Discord role a named role or an operation, or takes it back. `wish`: give, role_id, role or operation, and where:
-- repo, branch, channel_id.
create or replace function public.change_grant(actor jsonb, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare gate jsonb := verne.authorise(actor, 'settings.change', jsonb_build_object('grant', wish));
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if wish ->> 'operation' is not null and not exists (
    select from verne.role_operations o where o.role = 'admin' and o.operation = wish ->> 'operation') then
    return jsonb_build_object('kind', 'unknown_operation', 'operations', (
      select jsonb_agg(o.operation order by o.operation) from verne.role_operations o where o.role = 'admin'));
  end if;
  delete from verne.grants g where g.guild_id = gate ->> 'guild_id' and g.role_id = wish ->> 'role_id'
    and (g.role, g.operation, g.repo, g.branch, g.channel_id)
      is not distinct from (wish ->> 'role', wish ->> 'operation', wish ->> 'repo', wish ->> 'branch', wish ->> 'channel_id');
  if (wish ->> 'give')::boolean is true then
    insert into verne.grants (guild_id, role_id, role, operation, repo, branch, channel_id)
    values (gate ->> 'guild_id', wish ->> 'role_id', wish ->> 'role', wish ->> 'operation', wish ->> 'repo', wish ->> 'branch', wish ->> 'channel_id');
  end if;
  perform verne.append_audit(actor, 'settings.change', 'allowed', jsonb_build_object('grant', wish));
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_grant from public, anon, authenticated;
grant execute on function public.change_grant to service_role, verne_worker;
