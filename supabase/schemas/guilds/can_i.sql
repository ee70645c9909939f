-- What an actor may do here and why, for each operation: by Manage Server, a list of roles, a grant; or what stands against
-- it. `scope` (repo, branch) asks about one place; without it `where` names the places that a limited grant is for.
create or replace function public.can_i(actor jsonb, scope jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  gate jsonb := verne.authorise(actor, 'settings.read', jsonb_strip_nulls(scope));
  place jsonb := coalesce(scope, '{}');
  guild public.guilds;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into guild from public.guilds g where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.read', 'allowed', jsonb_strip_nulls(place));
  return jsonb_build_object('kind', 'answers', 'bounds', verne.out_of_bounds(actor, place),
    'paused', case when verne.is_paused(guild.guild_id) then jsonb_build_object('by', guild.paused_by, 'since', guild.paused_at) end,
    'budget', (select jsonb_build_object('per_day', b.per_day, 'at_once', b.at_once) from verne.budget_of(actor) b),
    'named_roles', (select coalesce(jsonb_agg(distinct g.role), '[]') from verne.grants g
      where g.guild_id = guild.guild_id and g.role is not null and actor -> 'roles' ? g.role_id),
    'operations', (select jsonb_agg(jsonb_build_object('operation', o.operation, 'may', verne.may(actor, o.operation, guild, place) is true,
        'roles', verne.needed_roles(actor, o.operation, guild) -> 'roles',
        'where', case when verne.may(actor, o.operation, guild, null) is true then '[]' else (
          select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('repo', g.repo, 'branch', g.branch, 'channel', g.channel_id))), '[]')
          from verne.grants_for(guild.guild_id, o.operation) g where actor -> 'roles' ? g.role_id) end) order by o.operation)
      from verne.role_operations o where o.role = 'admin'));
end $$;
revoke all on function public.can_i from public, anon, authenticated;
grant execute on function public.can_i to service_role, verne_worker;
