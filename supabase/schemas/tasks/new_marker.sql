-- The token by which a session at Jules is found again.
create or replace function verne.new_marker() returns text
language sql volatile set search_path = '' as $$
  select 'verne:' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 20)
$$;
