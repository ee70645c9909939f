-- What an actor may do here and why, for each operation: by Manage Server, a list of roles, a grant; or what stands against it.
create or replace function public.can_i(actor jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  gate jsonb := verne.authorise(actor, 'settings.read', '{}');
  guild public.guilds;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into guild from public.guilds g where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.read', 'allowed');
  return jsonb_build_object('kind', 'answers', 'paused', verne.is_paused(guild.guild_id), 'bounds', verne.out_of_bounds(actor, '{}'),
    'budget', (select jsonb_build_object('per_day', b.per_day, 'at_once', b.at_once) from verne.budget_of(actor) b),
    'named_roles', (select coalesce(jsonb_agg(distinct g.role), '[]') from verne.grants g
      where g.guild_id = guild.guild_id and g.role is not null and actor -> 'roles' ? g.role_id),
    'operations', (select jsonb_agg(jsonb_build_object('operation', o.operation, 'may', verne.may(actor, o.operation, guild) is true,
        'roles', verne.needed_roles(actor, o.operation, guild) -> 'roles',
        'where', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('repo', g.repo, 'branch', g.branch, 'channel', g.channel_id))), '[]')
          from verne.grants g where g.guild_id = guild.guild_id and actor -> 'roles' ? g.role_id and (g.operation = o.operation or exists (
            select from verne.role_operations x where x.role = g.role and x.operation = o.operation))
            and coalesce(g.repo, g.branch, g.channel_id) is not null)) order by o.operation)
      from verne.role_operations o where o.role = 'admin'));
end $$;
revoke all on function public.can_i from public, anon, authenticated;
grant execute on function public.can_i to service_role, verne_worker;
