-- A pattern list as one regular expression: * is one word, ** one or more. Anything else stands for itself.
create or replace function verne.matcher(patterns text[]) returns text
language sql immutable set search_path = '' as $$
  select '^(' || string_agg(
    replace(replace(regexp_replace(pattern, '([^A-Za-z0-9_*])', '\\\1', 'g'), '**', '.+'), '*', '[^.]+'), '|') || ')$'
  from unnest(patterns) pattern
$$;
