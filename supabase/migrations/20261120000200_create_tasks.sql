-- Tasks, their Jules sessions, and the messages that show them.

-- What may follow what: the only list of transitions. A null operation is Verne's own, nobody may ask for it.
create table verne.transitions (
  noun text not null,
  from_state text not null,
  verb text not null,
  to_state text not null,
  operation text,
  topic text not null,
  primary key (noun, from_state, verb)
);
insert into verne.transitions (noun, from_state, verb, to_state, operation, topic) values
  ('task', 'pending_confirmation', 'confirm', 'in_progress', 'task.confirm', 'task.confirmed'),
  ('task', 'pending_confirmation', 'reject', 'rejected', 'task.confirm', 'task.rejected'),
  ('task', 'pending_confirmation', 'cancel', 'cancelled', 'task.cancel', 'task.cancelled'),
  ('task', 'pending_confirmation', 'expire', 'expired', null, 'task.expired'),
  ('task', 'in_progress', 'cancel', 'cancelled', 'task.cancel', 'task.cancelled'),
  ('task', 'in_progress', 'complete', 'completed', null, 'task.completed'),
  ('task', 'in_progress', 'fail', 'failed', null, 'task.failed'),
  ('task', 'completed', 'resume', 'in_progress', null, 'task.resumed'),
  ('task', 'failed', 'complete', 'completed', null, 'task.completed');

create table public.tasks (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references public.users,
  discord_user_id text not null constraint discord_user_id_is_a_snowflake check (discord_user_id ~ '^[0-9]{15,20}$'),
  guild_id uuid not null references public.guilds,
  number int not null,
  prompt text not null constraint a_prompt_says_something check (length(btrim(prompt)) between 1 and 20000),
  status text not null constraint status_is_known check (status in
    ('pending_confirmation', 'in_progress', 'completed', 'rejected', 'failed', 'cancelled', 'expired')),
  pr_url text,
  created_at timestamptz not null default verne.now(),
  request_key text not null unique,
  channel_id text not null,
  repo text not null constraint repo_is_owner_slash_name check (repo ~ '^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$'),
  repo_from text not null constraint repo_from_is_known check (repo_from in ('option', 'person', 'channel', 'server')),
  branch text not null,
  key_id uuid not null,
  account_id uuid not null,
  key_owner text not null constraint key_owner_is_known check (key_owner in ('person', 'server')),
  key_last4 text not null,
  decided_by text,
  decided_at timestamptz,
  ended_by text,
  reason text,
  last_error text,
  parent uuid references public.tasks,
  origin text,
  correlation_id uuid not null default gen_random_uuid(),
  revision int not null default 1,
  unique (guild_id, number),
  constraint a_decision_names_who_and_when check ((decided_by is null) = (decided_at is null)),
  constraint a_rejection_was_decided check (status <> 'rejected' or decided_by is not null),
  constraint a_cancellation_names_who check (status <> 'cancelled' or ended_by is not null),
  constraint a_failure_says_why check (status <> 'failed' or last_error is not null),
  constraint a_pull_request_is_of_the_tasks_repository check
    (lower(pr_url) ~ ('^https://github\.com/' || replace(lower(repo), '.', '\.') || '/pull/[0-9]+$')),
  constraint only_finished_work_has_a_pull_request check (pr_url is null or status in ('completed', 'in_progress'))
);
create index tasks_by_guild on public.tasks (guild_id, created_at desc);

-- Jules's run of a task. Its phases, and the promise of opening one, are told in src/tasks/session.ts.
create table verne.sessions (
  task_id uuid primary key references public.tasks,
  account_id uuid not null,
  key_id uuid not null,
  tenant text not null, -- the Discord guild, for fairness
  phase text not null default 'queued' constraint phase_is_known check (phase in
    ('queued', 'opening', 'unsure', 'planning', 'approving', 'working', 'needs_input', 'paused', 'finishing', 'unknown',
     'stopped', 'done_pr', 'done_patch', 'done_nothing', 'failed')),
  marker text not null unique,
  attempts int not null default 0 constraint three_attempts_at_most check (attempts between 0 and 3),
  attempted_at timestamptz, -- the intent: a POST of unknown outcome may stand behind it
  recreated int not null default 0,
  name text unique,
  url text,
  jules_state text,
  jules_updated_at timestamptz,
  seen_state text, -- what the last sweep saw, to notice what moved
  seen_updated_at timestamptz,
  progress jsonb not null default '{}',
  activities_until timestamptz,
  moved_at timestamptz, -- the last sign of life
  queued_at timestamptz not null default verne.now(),
  admitted_at timestamptz,
  opened_at timestamptz,
  approved_at timestamptz,
  finishing_since timestamptz,
  ended_at timestamptz,
  archived_at timestamptz,
  revision int not null default 1,
  constraint only_an_admitted_session_is_opened check (name is null or admitted_at is not null)
);
create index sessions_by_account on verne.sessions (account_id, queued_at) where ended_at is null;
create index sessions_admitted on verne.sessions (account_id, admitted_at);

create table verne.plans (
  task_id uuid not null references public.tasks,
  hash text not null,
  steps jsonb not null,
  created_at timestamptz not null default verne.now(),
  primary key (task_id, hash)
);

create table verne.activities (
  task_id uuid not null references public.tasks,
  name text not null,
  kind text not null,
  created_at timestamptz not null,
  body jsonb not null default '{}',
  primary key (task_id, name)
);

-- Sessions that carry a task's marker but are not its session: found, shown, never approved.
create table verne.strays (
  name text primary key,
  task_id uuid not null references public.tasks,
  found_at timestamptz not null default verne.now(),
  archived_at timestamptz
);

-- The repositories that a key may reach, as Jules last listed them.
create table verne.sources (
  key_id uuid not null,
  name text not null,
  repo text not null,
  default_branch text,
  branches text[] not null default '{}',
  primary key (key_id, name)
);
create index sources_by_repo on verne.sources (key_id, lower(repo));
create table verne.source_lists (
  key_id uuid primary key,
  listed_at timestamptz,
  problem text
);

-- What should be shown where. A card shows a subject and is edited in place; a note is sent once.
create table verne.messages (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity,
  subject text not null,
  kind text not null constraint kind_is_known check (kind in ('card', 'note')),
  view text not null,
  place text not null constraint place_is_known check (place in ('channel', 'thread', 'dm')),
  place_id text not null, -- a channel, or a person for dm; for thread the channel of the card
  facts jsonb not null default '{}',
  dedupe text not null unique,
  channel_id text, -- where it truly is
  message_id text,
  thread_id text,
  thread_problem text,
  announced_at timestamptz,
  shown_hash text,
  shown_at timestamptz,
  posted_at timestamptz,
  sending_since timestamptz, -- the intent: a call of unknown outcome may stand behind it
  unsure_until timestamptz, -- an earlier edit may land until then, so the card is edited once more after it
  parked_reason text,
  created_at timestamptz not null default verne.now()
);
create unique index messages_one_card on verne.messages (subject, view, place_id) where kind = 'card';
create index messages_by_subject on verne.messages (subject, seq);
create index messages_by_thread on verne.messages (thread_id) where thread_id is not null;
create index messages_by_channel on verne.messages (channel_id, message_id);
