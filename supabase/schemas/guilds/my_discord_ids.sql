-- The Discord accounts of who is signed in, as the provider proved them. Never `user_metadata`, which its owner may edit.
create or replace function verne.my_discord_ids() returns setof text
language sql stable security definer set search_path = '' as $$
  select i.provider_id from auth.identities i where i.user_id = (select auth.uid()) and i.provider = 'discord'
$$;
revoke all on function verne.my_discord_ids from public;
grant execute on function verne.my_discord_ids to authenticated;
