-- People read a plan before it runs, answer what Jules asks, and tell it more while it works.
alter table public.guilds add column plan_review boolean not null default false;
alter table public.tasks add column plan_review boolean not null default false;

alter table verne.sessions add column approved_hash text; -- the plan that a person has read and approved
alter table verne.sessions add column approved_by text;
alter table verne.sessions add column phase_since timestamptz not null default verne.now();
alter table verne.sessions drop constraint phase_is_known;
alter table verne.sessions add constraint phase_is_known check (phase in
  ('queued', 'opening', 'unsure', 'planning', 'plan_review', 'plan_expired', 'approving', 'working', 'needs_input', 'paused',
   'finishing', 'unknown', 'stopped', 'done_pr', 'done_patch', 'done_nothing', 'failed'));

-- A plan that was dropped runs nothing at Jules while it waits for people.
alter table verne.sessions drop column holds_place;
alter table verne.sessions add column holds_place boolean generated always as (
  admitted_at is not null and phase not in ('unsure', 'plan_expired')
  and (ended_at is null or phase not in ('stopped', 'done_pr', 'done_patch', 'done_nothing', 'failed'))) stored;
create index sessions_holding on verne.sessions (account_id) where holds_place;

-- What a person tells Jules in a session that exists. Sent one after the other; each is found again by its marker.
create table verne.instructions (
  id uuid primary key default gen_random_uuid(),
  task_id uuid not null references public.tasks,
  kind text not null constraint kind_is_known check (kind in ('answer', 'changes', 'steer', 'follow_up')),
  author text not null constraint author_is_a_snowflake check (author ~ '^[0-9]{15,20}$'),
  text text not null constraint an_instruction_says_something check (length(btrim(text)) between 1 and 8000),
  about text, -- the question or the plan that it is about
  marker text not null unique,
  request_key text not null unique,
  state text not null default 'waiting' constraint state_is_known check (state in ('waiting', 'delivered', 'refused')),
  attempts int not null default 0 constraint three_attempts_at_most check (attempts between 0 and 3),
  attempted_at timestamptz, -- the intent: a POST of unknown outcome may stand behind it
  problem text,
  created_at timestamptz not null default verne.now(),
  delivered_at timestamptz
);
create index instructions_waiting on verne.instructions (task_id, created_at) where state = 'waiting';
create index instructions_by_task on verne.instructions (task_id);
create index instructions_by_author on verne.instructions (author);
alter table verne.instructions enable row level security;

insert into verne.role_operations (role, operation) values
  ('admin', 'task.steer'), ('admin', 'task.steer_own'), ('release_mgr', 'task.steer'), ('release_mgr', 'task.steer_own'),
  ('developer', 'task.steer_own');

select verne.route_topic(topic) from unnest('{task.instructed,task.instruction_delivered,task.plan_approved,task.reminded,session.turned}'::text[]) topic;
select verne.subscribe('tasks.send_instructions', '{task.instructed,session.turned,task.cancelled,task.failed}', 'latest');
select verne.subscribe('tasks.follow_session', '{session.opened,session.moved,session.reported,task.cancelled,task.plan_approved,task.instruction_delivered}', 'latest');
select verne.subscribe('tasks.remind', '{task.requested,task.confirmed,task.rejected,task.cancelled,task.expired,task.plan_approved,task.instructed,session.turned}', 'latest');
