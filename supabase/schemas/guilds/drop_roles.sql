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
