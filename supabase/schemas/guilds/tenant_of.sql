-- The Discord id of a server, by which facts and messages know it.
create or replace function verne.tenant_of(guild uuid) returns text
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (select g.guild_id from public.guilds g where g.id = tenant_of.guild);
end $$;
