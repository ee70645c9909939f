-- Discord says that a server's role was deleted.
create or replace function public.drop_role(guild_id text, role_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform verne.drop_roles(drop_role.guild_id, array[drop_role.role_id]);
  return jsonb_build_object('kind', 'dropped');
end $$;
revoke all on function public.drop_role from public, anon, authenticated;
grant execute on function public.drop_role to service_role, verne_worker;
