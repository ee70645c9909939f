-- The refusal of one who may not, with the roles that would be needed: those of the server's lists, then those with a grant.
-- A server that nothing is known of yet has none.
create or replace function verne.needed_roles(actor jsonb, operation text, guild public.guilds) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare listed jsonb := case
  when operation in ('task.confirm', 'task.cancel', 'limits.raise') then guild.permissions -> 'confirm_roles'
  when operation = 'task.create' then (guild.permissions -> 'create_roles') || (guild.permissions -> 'confirm_roles')
  else '[]'::jsonb end;
begin
  return jsonb_build_object('kind', 'not_permitted', 'operation', needed_roles.operation, 'roles', coalesce(listed, '[]') || (
    select coalesce(jsonb_agg(distinct g.role_id), '[]') from verne.grants_for(guild.guild_id, needed_roles.operation) g
    where (listed ? g.role_id) is not true));
end $$;
