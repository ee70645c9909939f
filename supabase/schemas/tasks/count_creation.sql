-- A place of the day is taken when a session is let in, and given back only where Jules was never asked.
create or replace function verne.count_creation() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.admitted_at is not null then
    insert into verne.creations (task_id, nth, account_id, at)
    values (new.task_id, new.recreated, new.account_id, greatest(new.admitted_at, new.attempted_at))
    on conflict (task_id, nth) do update set account_id = excluded.account_id, at = greatest(creations.at, excluded.at);
  elsif tg_op = 'UPDATE' then
    delete from verne.creations c
    where c.task_id = new.task_id and c.nth = new.recreated and old.recreated = new.recreated and new.attempts = 0;
  end if;
  return null;
end $$;
