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
