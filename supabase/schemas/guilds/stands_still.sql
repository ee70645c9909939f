-- Whether a server, or the whole service, is paused. One that the bot was removed from is not: its hours go on.
create or replace function verne.stands_still(guild_id text) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return exists (select from verne.pauses p where p.guild_id in (stands_still.guild_id, '') and p.until is null);
end $$;
