-- Whether anything is to be counted here at all; then the server's row is held until the request is stored.
create or replace function verne.has_budgets(guild_id text) returns boolean
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  perform from verne.budgets b where b.guild_id = has_budgets.guild_id limit 1;
  if not found then
    return false;
  end if;
  perform from public.guilds g where g.guild_id = has_budgets.guild_id for update;
  return true;
end $$;
