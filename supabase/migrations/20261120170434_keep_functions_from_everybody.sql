-- What verne's own functions do is for the functions that doors call. Postgres lets everybody execute a new function unless
-- the owner's defaults say otherwise, and says so only where they are not of one schema.
alter default privileges revoke execute on functions from public;
revoke all on all functions in schema verne from public, anon, authenticated;
-- What the rows of a dashboard ask: a policy or a default runs as who is signed in.
grant execute on function verne.my_discord_ids, verne.my_guilds, verne.now to authenticated;
