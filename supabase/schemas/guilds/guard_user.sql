-- A dashboard's write of a `users` row: one's own, with one's own Discord account. A row that was made for that account
-- before becomes the person's: it takes their id, so that tasks and servers follow it, and makes room for the insert,
-- which keeps what the row knew.
create or replace function verne.guard_user() returns trigger
language plpgsql security definer set search_path = '' as $$
declare known public.users;
begin
  if new.id is distinct from (select auth.uid()) then
    raise exception 'A users row is written by the person whom it is about: its id is the id of who is signed in.' using errcode = '42501';
  elsif tg_op = 'UPDATE' then
    if new.discord_id is distinct from old.discord_id then
      raise exception 'A users row keeps its Discord account. For another account, sign in with that one.' using errcode = '42501';
    end if;
  elsif new.discord_id in (select verne.my_discord_ids()) is not true then
    raise exception 'This Discord account is not proven to be yours. Sign in with Discord, and write the id of that account.' using errcode = '42501';
  else
    set constraints all deferred;
    update public.users u set id = new.id where u.discord_id = new.discord_id and u.id <> new.id returning u.* into known;
    if found then
      delete from public.users u where u.id = new.id;
      new.role := known.role;
      new.created_at := known.created_at;
      new.jules_api_key := known.jules_api_key;
      new.discord_username := coalesce(new.discord_username, known.discord_username);
      new.email := coalesce(new.email, known.email);
    end if;
  end if;
  return new;
end $$;
