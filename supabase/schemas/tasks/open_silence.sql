-- The silence of a session that should not be silent, as short as a button can name it; null where it is not.
create or replace function verne.open_silence(session verne.sessions) returns text
language sql stable set search_path = '' as $$
  select left(md5(extract(epoch from session.silent_at)::text), 8) where session.silent_at is not null and session.ended_at is null
$$;
