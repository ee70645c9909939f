-- Grants a Discord role a named role or an operation, or takes it back. `wish`: give, role_id, role or operation, and where:
-- repo, branch, channel_id. Says whether that changed anything; a server has room for 200.
create or replace function public.change_grant(actor jsonb, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  gate jsonb := verne.authorise(actor, 'settings.change', jsonb_build_object('grant', wish));
  gives boolean := (wish ->> 'give')::boolean is true;
  is_limited boolean := num_nonnulls(wish ->> 'repo', wish ->> 'branch', wish ->> 'channel_id') > 0;
  refusal jsonb;
  has_changed boolean;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  refusal := case
    when wish ->> 'operation' is not null and not exists (
      select from verne.role_operations o where o.role = 'admin' and o.operation = wish ->> 'operation') then
      jsonb_build_object('kind', 'unknown_operation', 'operations', (
        select jsonb_agg(o.operation order by o.operation) from verne.role_operations o where o.role = 'admin'))
    when gives and is_limited and wish ->> 'operation' not like 'task.%' and wish ->> 'operation' not like 'ops.%' then
      jsonb_build_object('kind', 'not_limited')
    when gives and (select count(*) from verne.grants g where g.guild_id = gate ->> 'guild_id') >= 200 then
      jsonb_build_object('kind', 'too_many', 'most', 200) end;
  if refusal is not null then
    perform verne.append_audit(actor, 'settings.change', 'refused: ' || (refusal ->> 'kind'), jsonb_build_object('grant', wish));
    return refusal;
  end if;
  if gives then
    insert into verne.grants (guild_id, role_id, role, operation, repo, branch, channel_id)
    values (gate ->> 'guild_id', wish ->> 'role_id', wish ->> 'role', wish ->> 'operation', wish ->> 'repo', wish ->> 'branch', wish ->> 'channel_id')
    on conflict do nothing;
  else
    delete from verne.grants g where g.guild_id = gate ->> 'guild_id' and g.role_id = wish ->> 'role_id'
      and (g.role, g.operation, g.repo, g.branch, g.channel_id)
        is not distinct from (wish ->> 'role', wish ->> 'operation', wish ->> 'repo', wish ->> 'branch', wish ->> 'channel_id');
  end if;
  has_changed := found;
  perform verne.append_audit(actor, 'settings.change', 'allowed', jsonb_build_object('grant', wish));
  return jsonb_build_object('kind', case when has_changed then 'changed' else 'same' end);
end $$;
revoke all on function public.change_grant from public, anon, authenticated;
grant execute on function public.change_grant to service_role, verne_worker;
