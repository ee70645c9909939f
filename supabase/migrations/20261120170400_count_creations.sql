-- The day of an account counts what was truly begun, and when: a renewed session more than once, each at its own instant.
create table verne.creations (
  task_id uuid not null references verne.sessions on delete cascade,
  nth int not null, -- how often the session had been renewed then
  account_id uuid not null,
  at timestamptz not null, -- when it was let in, then when Jules was last asked for it
  primary key (task_id, nth)
);
create index creations_by_account on verne.creations (account_id, at);

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
create trigger count_creation after insert or update of admitted_at, attempted_at on verne.sessions
  for each row execute function verne.count_creation();
insert into verne.creations (task_id, nth, account_id, at)
select s.task_id, n, s.account_id, greatest(s.admitted_at, s.attempted_at)
from verne.sessions s, generate_series(0, s.recreated) n where s.admitted_at > verne.now() - interval '2 days';

-- A cancelled session runs until it is known to be stopped at Jules; one of which nobody knows whether it began waits there at
-- its plan, which is never approved, and ends by itself.
alter table verne.sessions add column holds_place boolean generated always as (
  admitted_at is not null and phase <> 'unsure'
  and (ended_at is null or phase not in ('stopped', 'done_pr', 'done_patch', 'done_nothing', 'failed'))) stored;
create index sessions_holding on verne.sessions (account_id) where holds_place;

-- That a seal is broken is not ended by another copy of the key that works.
alter table verne.keys add column broken_at timestamptz;
update verne.keys set broken_at = problem_at where problem = 'Its seal is broken; it must be entered anew.' and revoked_at is null;

-- What may not begin any more where the bot was removed gives its place to others.
select verne.subscribe('tasks.resume', '{guild.paused,guild.resumed,guild.returned,guild.left}', 'latest');
