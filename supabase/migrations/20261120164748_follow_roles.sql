set check_function_bodies = off;

-- Discord says that a server's role was deleted.
create or replace function public.drop_role(guild_id text, role_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform verne.drop_roles(drop_role.guild_id, array[drop_role.role_id]);
  return jsonb_build_object('kind', 'dropped');
end $$;
revoke all on function public.drop_role from public, anon, authenticated;
grant execute on function public.drop_role to service_role, verne_worker;

-- Roles that Discord deleted are taken out of all that names them: they never come back, and a list that holds nothing else
-- would let nobody in. With its last role a list is as it was before any was set: for Manage Server.
create or replace function verne.drop_roles(guild_id text, gone text[]) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  lists int;
  grants int;
  budgets int;
begin
  update public.guilds g set permissions = g.permissions
    || jsonb_build_object('create_roles', (g.permissions -> 'create_roles') - gone, 'confirm_roles', (g.permissions -> 'confirm_roles') - gone)
  where g.guild_id = drop_roles.guild_id
    and jsonb_exists_any((g.permissions -> 'create_roles') || (g.permissions -> 'confirm_roles'), gone);
  get diagnostics lists = row_count;
  delete from verne.grants g where g.guild_id = drop_roles.guild_id and g.role_id = any (gone);
  get diagnostics grants = row_count;
  delete from verne.budgets b where b.guild_id = drop_roles.guild_id and b.kind = 'role' and b.id = any (gone);
  get diagnostics budgets = row_count;
  if lists + grants + budgets > 0 then
    perform verne.append_audit(jsonb_build_object('id', 'verne', 'door', 'gateway', 'command', 'role deleted', 'guild', drop_roles.guild_id,
      'correlation', gen_random_uuid()), 'settings.change', 'allowed', jsonb_build_object('deleted_roles', to_jsonb(gone)));
  end if;
end $$;

-- All roles of a server, as Discord lists them at a connection: those that were deleted while nobody listened are dropped. A
-- list without the role of everybody, whose id is the server's, is not whole, and says nothing.
create or replace function public.keep_roles(guild_id text, role_ids text[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare gone text[];
begin
  if keep_roles.guild_id = any (role_ids) then
    select array_agg(distinct n.role) into gone from (
      select jsonb_array_elements_text((g.permissions -> 'create_roles') || (g.permissions -> 'confirm_roles')) as role
      from public.guilds g where g.guild_id = keep_roles.guild_id
      union all select g.role_id from verne.grants g where g.guild_id = keep_roles.guild_id
      union all select b.id from verne.budgets b where b.guild_id = keep_roles.guild_id and b.kind = 'role') n
    where n.role <> all (role_ids);
  end if;
  if gone is not null then
    perform verne.drop_roles(keep_roles.guild_id, gone);
  end if;
  return jsonb_build_object('kind', 'kept');
end $$;
revoke all on function public.keep_roles from public, anon, authenticated;
grant execute on function public.keep_roles to service_role, verne_worker;

reset check_function_bodies;
