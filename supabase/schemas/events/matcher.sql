-- A pattern list as one regular expression: * is one word, ** one or more.
create or replace function verne.matcher(patterns text[]) returns text
language sql immutable set search_path = '' as $$
  select '^(' || string_agg(
    replace(replace(replace(pattern, '.', '\.'), '**', '.+'), '*', '[^.]+'), '|') || ')$'
  from unnest(patterns) pattern
$$;
