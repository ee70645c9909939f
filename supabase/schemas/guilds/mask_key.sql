-- Shows the newest key of a server or of a person as its last four, where a dashboard reads it.
create or replace function verne.mask_key(guild_id text, owner_id text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare mask text := (select '•••• ' || k.last4 from verne.keys k where k.revoked_at is null
  and k.guild_id is not distinct from mask_key.guild_id and k.owner_id is not distinct from mask_key.owner_id order by k.added_at desc limit 1);
begin
  update public.users u set jules_api_key = mask where u.discord_id = mask_key.owner_id;
  update public.guilds g set default_jules_api_key = mask where g.guild_id = mask_key.guild_id;
end $$;
