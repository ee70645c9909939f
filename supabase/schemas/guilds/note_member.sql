-- Notes what a signed interaction says of its sender: whether they administer the server, and that they were seen. Only
-- what changed or is older than five minutes is written, so most interactions write nothing. A message shows no permissions:
-- where the gateway does not know them either, `admin` is null and nothing is noted.
create or replace function verne.note_member(actor jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  administers boolean := (actor ->> 'admin')::boolean;
  instant timestamptz := verne.now();
begin
  if administers is null or actor ->> 'door' in ('gateway', 'http') is not true or exists (
    select from verne.members m where m.guild_id = actor ->> 'guild' and m.discord_id = actor ->> 'id'
      and m.is_admin = administers and m.seen_at between instant - interval '5 minutes' and instant) then
    return;
  end if;
  insert into verne.members as m (guild_id, discord_id, is_admin)
  values (actor ->> 'guild', actor ->> 'id', administers)
  on conflict (guild_id, discord_id) do update set is_admin = excluded.is_admin, seen_at = excluded.seen_at;
end $$;
