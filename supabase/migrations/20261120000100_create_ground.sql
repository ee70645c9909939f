-- The ground: the clock, the event runtime, servers and their keys, the audit. Functions follow in the next migration.

do $$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'verne_worker') then
    create role verne_worker login noinherit;
  end if;
end $$;

create schema verne;
comment on schema verne is 'Everything of Verne that a dashboard does not read. Not exposed.';
revoke all on schema verne from public;
revoke all on schema public from public;
grant usage on schema public to verne_worker, service_role;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from public, anon, authenticated, service_role;
alter default privileges in schema verne revoke all on functions from public;

-- The one clock. A test moves it by its row.
create table verne.clock (
  only_row boolean primary key default true check (only_row),
  shift interval not null default '0'
);
insert into verne.clock default values;

-- The database's time, as tests may have moved it.
create function verne.now() returns timestamptz
language sql stable set search_path = '' as
$$ select clock_timestamp() + shift from verne.clock $$;

-- Facts about a key, immutable: ids, never prompts or secrets.
create table verne.events (
  id bigint generated always as identity primary key,
  topic text not null constraint topic_is_dotted_words check (topic ~ '^[a-z_]+(\.[a-z_]+)+$'),
  key text not null constraint key_names_a_noun_and_an_id check (key ~ '^[a-z_]+:.+$'),
  tenant text,
  level int not null default 3 constraint level_is_one_to_four check (level between 1 and 4),
  source text not null default 'verne',
  payload jsonb not null default '{}' constraint payload_is_an_object check (jsonb_typeof(payload) = 'object'),
  correlation_id uuid not null default gen_random_uuid(),
  causation_id bigint,
  dedupe text,
  only_for text, -- the one subscriber that hears it: a replay
  at timestamptz not null default verne.now()
);
create unique index events_by_dedupe on verne.events (tenant, dedupe) nulls not distinct where dedupe is not null;
create index events_by_key on verne.events (key, id);
create index events_by_age on verne.events (at);

-- Who hears which topics, and how: a row per fact (each), one row per key (latest), or the key's facts in turn (in_order).
create table verne.subscriptions (
  subscriber text primary key,
  patterns text[] not null,
  matcher text not null,
  mode text not null constraint mode_is_known check (mode in ('each', 'latest', 'in_order')),
  lease_ms int check (lease_ms > 0), -- null: the worker's own
  max_attempts int not null default 12 check (max_attempts > 0),
  backoff_ms int not null default 1000 check (backoff_ms >= 0),
  delay_ms int not null default 0 check (delay_ms >= 0),
  retired_at timestamptz
);

-- Patterns resolved once for each topic that ever appeared, so that publishing joins instead of matching.
create table verne.topics (topic text primary key);
create table verne.routes (
  topic text not null references verne.topics,
  subscriber text not null references verne.subscriptions,
  primary key (topic, subscriber)
);

-- A subscriber's work on a fact. Its life is told in src/events/delivery.ts.
create table verne.deliveries (
  id bigint generated always as identity primary key,
  subscriber text not null references verne.subscriptions,
  key text not null,
  lane text, -- the key, where one row stands for all of it (latest, in_order); null for each
  event_id bigint not null references verne.events,
  seen_id bigint not null default 0,
  state text not null default 'open' constraint state_is_known check (state in ('open', 'done', 'dead', 'discarded')),
  due_at timestamptz not null,
  not_before timestamptz, -- a floor that news cannot lift
  fence int not null default 0,
  attempts int not null default 0,
  worker text,
  last_error text,
  settled_at timestamptz,
  constraint only_an_open_delivery_is_unsettled check ((state = 'open') = (settled_at is null)),
  constraint a_dead_delivery_says_why check (state <> 'dead' or last_error is not null)
);
create unique index deliveries_by_lane on verne.deliveries (subscriber, lane) where lane is not null and state = 'open';
create index deliveries_due on verne.deliveries (due_at) where state = 'open';
create index deliveries_settled on verne.deliveries (settled_at) where state <> 'open';
create index deliveries_by_event on verne.deliveries (event_id);

-- The history of a delivery that failed.
create table verne.failures (
  id bigint generated always as identity primary key,
  delivery_id bigint not null references verne.deliveries on delete cascade,
  attempt int not null,
  at timestamptz not null default verne.now(),
  error text not null
);
create index failures_by_delivery on verne.failures (delivery_id);

create table public.users (
  id uuid primary key default gen_random_uuid(),
  discord_id text unique constraint discord_id_is_a_snowflake check (discord_id ~ '^[0-9]{15,20}$'),
  discord_username text,
  email text,
  role text not null default 'developer' constraint role_is_known check (role in ('admin', 'developer')),
  jules_api_key text constraint a_key_is_shown_as_its_last_four_only check (jules_api_key ~ '^•••• .{4}$'),
  created_at timestamptz not null default verne.now()
);
comment on column public.users.jules_api_key is 'A mask, never a key. Keys are taken by /config key.';

create table public.guilds (
  id uuid primary key default gen_random_uuid(),
  guild_id text not null unique constraint guild_id_is_a_snowflake check (guild_id ~ '^[0-9]{15,20}$'),
  name text,
  installer_user_id uuid references public.users,
  default_repo text constraint default_repo_is_owner_slash_name check (default_repo ~ '^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$'),
  default_branch text not null default 'main',
  permissions jsonb not null default '{"create_roles": [], "confirm_roles": []}'
    constraint permissions_are_lists_of_roles check (
      jsonb_typeof(permissions -> 'create_roles') is not distinct from 'array'
      and jsonb_typeof(permissions -> 'confirm_roles') is not distinct from 'array'),
  default_jules_api_key text constraint a_key_is_shown_as_its_last_four_only check (default_jules_api_key ~ '^•••• .{4}$'),
  approver_notice text not null default 'role'
    constraint approver_notice_is_known check (approver_notice in ('role', 'people', 'dm', 'nobody')),
  approver_people text[] not null default '{}',
  last_task_number int not null default 0,
  revision int not null default 1,
  created_at timestamptz not null default verne.now()
);
comment on column public.guilds.default_jules_api_key is 'A mask, never a key. Keys are taken by /config key.';

-- The repository that a person or a channel uses when none is named.
create table verne.repo_choices (
  guild_id text not null,
  kind text not null constraint kind_is_known check (kind in ('person', 'channel')),
  id text not null,
  repo text not null constraint repo_is_owner_slash_name check (repo ~ '^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$'),
  branch text,
  primary key (guild_id, kind, id)
);

-- A Jules account and its limits. Until a real key shows otherwise, an account is a key.
create table verne.accounts (
  id uuid primary key default gen_random_uuid(),
  fingerprint text not null unique,
  per_day int not null check (per_day >= 0),
  at_once int not null check (at_once >= 0),
  created_at timestamptz not null default verne.now()
);

-- Sealed Jules keys: of a server or of a person, never of both. The plain key is never here.
create table verne.keys (
  id uuid primary key,
  account_id uuid not null references verne.accounts,
  guild_id text,
  owner_id text,
  sealed text not null,
  wrapped text not null,
  kek_version text not null,
  last4 text not null,
  added_by text not null,
  added_at timestamptz not null default verne.now(),
  revoked_at timestamptz,
  constraint a_key_belongs_to_a_server_or_to_a_person check ((guild_id is null) <> (owner_id is null))
);
create unique index keys_by_guild on verne.keys (guild_id) where guild_id is not null and revoked_at is null;
create unique index keys_by_owner on verne.keys (owner_id) where owner_id is not null and revoked_at is null;

-- Who did what, allowed or refused: people by Discord id only, no prompt or key among the arguments. Append-only.
create table verne.audit (
  guild_id text not null, -- '' outside any server
  seq bigint not null,
  at timestamptz not null default verne.now(),
  actor_id text not null,
  door text not null,
  command text,
  operation text not null,
  args jsonb not null default '{}',
  channel_id text,
  outcome text not null,
  correlation_id uuid,
  primary key (guild_id, seq)
);
create function verne.keep_audit() returns trigger
language plpgsql set search_path = '' as
$$ begin raise exception 'the audit is append-only' using errcode = 'VN002'; end $$;
create trigger keep_audit before update or delete on verne.audit for each row execute function verne.keep_audit();
create trigger keep_audit_whole before truncate on verne.audit for each statement execute function verne.keep_audit();
