-- Whether the bot was removed from a server.
create or replace function verne.has_left(guild_id text) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return exists (select from public.guilds g where g.guild_id = has_left.guild_id and g.left_at is not null);
end $$;
