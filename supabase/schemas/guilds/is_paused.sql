-- Whether no new effect outside may begin for a server: it is paused, the whole service is, or the bot was removed.
create or replace function verne.is_paused(guild_id text) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return exists (select from verne.service s where s.paused_at is not null)
    or exists (select from public.guilds g where g.guild_id = is_paused.guild_id and (g.paused_at is not null or g.left_at is not null));
end $$;
