-- The language of a server, by its Discord id; English where it is not known.
create or replace function verne.language_of(guild_id text) returns text
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((select g.language from public.guilds g where g.guild_id = language_of.guild_id), 'en');
end $$;
