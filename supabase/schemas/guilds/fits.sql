-- Whether a name is of a pattern, in which `*` stands for any characters. GitHub's repositories are the same in large and
-- small letters, so they are asked in small ones; branches are not.
create or replace function verne.fits(name text, pattern text) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return name like replace(regexp_replace(pattern, '([\\%_])', '\\\1', 'g'), '*', '%');
end $$;
