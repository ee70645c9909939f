-- Whether a name is of a pattern, in which `*` stands for any characters; large and small letters are the same.
create or replace function verne.fits(name text, pattern text) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return lower(name) like replace(regexp_replace(lower(pattern), '([\\%_])', '\\\1', 'g'), '*', '%');
end $$;
