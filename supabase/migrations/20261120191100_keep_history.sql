-- What became of each task, of its session and of its plans, and when; for as long as the task lives.
create table verne.history (
  seq bigint generated always as identity primary key,
  task_id uuid not null references public.tasks on delete cascade,
  at timestamptz not null default verne.now(),
  noun text not null constraint noun_is_known check (noun in ('task', 'session', 'plan')),
  state text not null,
  by text -- whose act it was; null where it was Jules's or Verne's own
);
create index history_by_task on verne.history (task_id, at, seq);
create index history_of_pull_requests on verne.history (task_id) where state = 'pull_request';
alter table verne.history enable row level security;

-- People look for their own tasks, newest first.
create index tasks_by_requester on public.tasks (guild_id, discord_user_id, number desc);

create or replace function verne.keep_task_history() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into verne.history (task_id, noun, state, by) values (new.id, 'task', 'asked', new.discord_user_id);
    if new.status = 'in_progress' then
      insert into verne.history (task_id, noun, state, by) values (new.id, 'task', 'confirmed', new.decided_by);
    end if;
    return null;
  end if;
  if new.pr_url is distinct from old.pr_url and new.pr_url is not null then
    insert into verne.history (task_id, noun, state) values (new.id, 'task', 'pull_request');
  end if;
  if new.status <> old.status then
    insert into verne.history (task_id, noun, state, by) values (new.id, 'task',
      case when new.status <> 'in_progress' then new.status when old.status = 'pending_confirmation' then 'confirmed' else 'resumed' end,
      case when old.status = 'pending_confirmation' and new.status in ('in_progress', 'rejected') then new.decided_by
        when new.status = 'cancelled' then new.ended_by end);
  end if;
  return null;
end $$;
create trigger keep_task_history after insert or update of status, pr_url on public.tasks
  for each row execute function verne.keep_task_history();

create or replace function verne.keep_session_history() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' or new.phase <> old.phase then
    insert into verne.history (task_id, noun, state, by) values (new.task_id, 'session', new.phase,
      case when new.phase = 'approving' then new.approved_by end);
  end if;
  return null;
end $$;
create trigger keep_session_history after insert or update of phase on verne.sessions
  for each row execute function verne.keep_session_history();

create or replace function verne.keep_plan_history() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into verne.history (task_id, noun, state) values (new.task_id, 'plan', 'made');
  return null;
end $$;
create trigger keep_plan_history after insert on verne.plans for each row execute function verne.keep_plan_history();

-- What is known of tasks from before.
insert into verne.history (task_id, at, noun, state, by)
select k.task_id, k.at, k.noun, k.state, k.by from (
  select t.id as task_id, t.created_at as at, 'task' as noun, 'asked' as state, t.discord_user_id as by from public.tasks t
  union all select t.id, t.decided_at, 'task', case t.status when 'rejected' then 'rejected' else 'confirmed' end, t.decided_by from public.tasks t
  union all select s.task_id, s.queued_at, 'session', 'queued', null from verne.sessions s
  union all select s.task_id, s.admitted_at, 'session', 'opening', null from verne.sessions s
  union all select s.task_id, s.opened_at, 'session', 'planning', null from verne.sessions s
  union all select s.task_id, s.approved_at, 'session', 'working', null from verne.sessions s
  union all select s.task_id, s.phase_since, 'session', s.phase, null from verne.sessions s
    where s.phase not in ('queued', 'opening', 'planning', 'approving', 'working')
  union all select t.id, e.at, 'task', t.status, t.ended_by from public.tasks t join lateral (
    select max(e.at) as at from verne.events e where e.key = 'task:' || t.id and e.topic = 'task.' || t.status) e on true
    where t.status in ('completed', 'failed', 'cancelled', 'expired')
  union all select t.id, s.ended_at, 'task', 'pull_request', null from public.tasks t join verne.sessions s on s.task_id = t.id
    where t.pr_url is not null) k
where k.at is not null order by k.at;

-- How often a message was tried, and what became of one that was given up.
alter table verne.messages
  add tries int not null default 0,
  add tried_at timestamptz,
  add parked_at timestamptz,
  add resent int not null default 0,
  add resent_at timestamptz;
update verne.messages m set tries = 1 where m.message_id is not null;
