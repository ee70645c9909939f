-- A key column shows a mask and never takes a key, from whomever; a dashboard does not change it at all. The value is not
-- repeated: it may well be a key. Its name is the trigger's argument.
create or replace function verne.keep_key() returns trigger
language plpgsql set search_path = '' as $$
declare
  mask text := to_jsonb(new) ->> tg_argv[0];
  before text := case tg_op when 'UPDATE' then to_jsonb(old) ->> tg_argv[0] end;
begin
  if mask !~ '^•••• .{4}$' or (current_user = 'authenticated' and mask is distinct from before) then
    raise exception '% shows the last four of a Jules key and takes none. Enter, replace or remove keys with /config key in Discord; an operator does it with: npm run keys -- set', tg_argv[0]
      using errcode = 'VN003';
  end if;
  return new;
end $$;
