-- The id of a person's row, which keeps it until the transaction ends. At sign-in a dashboard gives the row another id, and
-- whoever waited for that finds the old row gone: the next statement sees the one that stands now.
create or replace function verne.hold_user(discord_id text) returns uuid
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare held uuid;
begin
  select u.id into held from public.users u where u.discord_id = hold_user.discord_id for key share;
  if held is null then
    select u.id into held from public.users u where u.discord_id = hold_user.discord_id for key share;
  end if;
  return held;
end $$;
