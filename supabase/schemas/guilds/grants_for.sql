-- The grants of a server that give an operation. What acts on the whole server is not given by one that is limited to
-- repositories, branches or a channel: it would be given everywhere.
create or replace function verne.grants_for(guild_id text, operation text) returns setof verne.grants
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query select g.* from verne.grants g
  where g.guild_id = grants_for.guild_id
    and (g.operation = grants_for.operation or exists (
      select from verne.role_operations o where o.role = g.role and o.operation = grants_for.operation))
    and (grants_for.operation like 'task.%' or grants_for.operation like 'ops.%' or num_nonnulls(g.repo, g.branch, g.channel_id) = 0);
end $$;
