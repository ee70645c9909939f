-- Keeps when a server (or '', the service) was paused: those hours do not count for what waits for a decision. A trigger, so
-- that whoever pauses keeps it.
create or replace function verne.note_pause() returns trigger
language plpgsql security definer set search_path = '' as $$
declare server text := coalesce(to_jsonb(new) ->> 'guild_id', '');
begin
  if new.paused_at is null then
    update verne.pauses p set until = greatest(verne.now(), p.since) where p.guild_id = server and p.until is null;
  elsif old.paused_at is null then
    insert into verne.pauses (guild_id, since) values (server, new.paused_at);
  end if;
  return null;
end $$;
