-- Access, limits, approval policy, pools of keys and the audit's chain: tables. The functions follow in the next migration.

-- What each of the four named roles may do in a server. `admin` names every operation that can be granted at all.
create table verne.role_operations (
  role text not null constraint role_is_known check (role in ('admin', 'release_mgr', 'developer', 'viewer')),
  operation text not null,
  primary key (role, operation)
);
insert into verne.role_operations (role, operation)
select role, operation from (values
  ('admin', '{task.create,task.confirm,task.cancel,settings.change,guild.pause,limits.raise,audit.read,ops.status,ops.logs,ops.deploy,ops.scale,ops.ask}'::text[]),
  ('release_mgr', '{task.create,task.confirm,task.cancel,limits.raise,ops.status,ops.logs,ops.deploy,ops.scale,ops.ask}'),
  ('developer', '{task.create,ops.status,ops.logs,ops.ask}'),
  ('viewer', '{ops.status}')) given(role, operations), unnest(given.operations) operation;

-- What a Discord role may do in a server: all that a named role may, or one operation; everywhere, or only for some
-- repositories and branches (`*` stands for any characters) or in one channel.
create table verne.grants (
  id uuid primary key default gen_random_uuid(),
  guild_id text not null,
  role_id text not null constraint role_id_is_a_snowflake check (role_id ~ '^[0-9]{15,20}$'),
  role text constraint role_is_known check (role in ('admin', 'release_mgr', 'developer', 'viewer')),
  operation text,
  repo text constraint repo_is_short check (length(repo) between 1 and 140),
  branch text constraint branch_is_short check (length(branch) between 1 and 200),
  channel_id text constraint channel_id_is_a_snowflake check (channel_id ~ '^[0-9]{15,20}$'),
  constraint a_grant_gives_a_role_or_an_operation check ((role is null) <> (operation is null)),
  constraint a_grant_is_given_once unique nulls not distinct (guild_id, role_id, role, operation, repo, branch, channel_id)
);

-- What a server keeps to, whoever asks: repositories, branches, channels. No entry of a kind allows all of it.
create table verne.allow_lists (
  guild_id text not null,
  kind text not null constraint kind_is_known check (kind in ('repo', 'branch', 'channel')),
  pattern text not null constraint pattern_is_short check (length(pattern) between 1 and 200),
  primary key (guild_id, kind, pattern)
);

-- How fast somebody may act, and a whole server: so many at once, then so many a minute.
create table verne.rate_limits (
  scope text primary key constraint scope_is_known check (scope in ('person', 'person_in_server', 'server')),
  per_minute numeric not null check (per_minute > 0),
  burst int not null check (burst > 0)
);
insert into verne.rate_limits (scope, per_minute, burst) values ('person', 60, 30), ('person_in_server', 40, 20), ('server', 600, 300);

-- GCRA: the instant at which all that was taken will have been earned; whether a refusal since the last action was audited.
create table verne.rates (
  key text primary key,
  tat timestamptz not null,
  is_told boolean not null default false
);

-- How many tasks may be asked for in any 24 hours, and be open at once. '' is everybody who has no entry of their own;
-- who holds several roles has the most generous. Null is no limit.
create table verne.budgets (
  guild_id text not null,
  kind text not null constraint kind_is_known check (kind in ('person', 'role', 'server')),
  id text not null default '' constraint id_is_a_snowflake_or_nothing check (id ~ '^([0-9]{15,20})?$'),
  per_day int constraint per_day_is_sensible check (per_day between 0 and 100000),
  at_once int constraint at_once_is_sensible check (at_once between 0 and 100000),
  primary key (guild_id, kind, id),
  constraint a_role_is_named check (kind <> 'role' or id <> ''),
  constraint a_server_is_itself check (kind <> 'server' or id = '')
);
create table verne.raises (
  id uuid primary key default gen_random_uuid(),
  guild_id text not null,
  person_id text constraint person_id_is_a_snowflake check (person_id ~ '^[0-9]{15,20}$'), -- null: the whole server
  extra int not null constraint extra_is_sensible check (extra between 1 and 1000),
  raised_by text not null,
  until timestamptz not null
);
create index raises_by_guild on verne.raises (guild_id, until);

-- Approval policy, pause, and whether the bot is still there.
alter table public.guilds
  add approvals_needed int not null default 1 constraint approvals_needed_is_sensible check (approvals_needed between 1 and 10),
  add self_approval boolean not null default true,
  add expire_hours int not null default 72 constraint expire_hours_is_sensible check (expire_hours between 1 and 720),
  add key_rule text not null default 'wait' constraint key_rule_is_known check (key_rule in ('wait', 'move')),
  add paused_at timestamptz,
  add paused_by text,
  add left_at timestamptz,
  add constraint a_pause_names_who check ((paused_at is null) = (paused_by is null));
create table verne.service (
  only_row boolean primary key default true check (only_row),
  paused_at timestamptz,
  paused_by text
);
insert into verne.service default values;

alter table public.tasks
  add approvals_needed int not null default 1,
  add self_approval boolean not null default true,
  add expires_at timestamptz;
create index open_tasks_by_guild on public.tasks (guild_id) where status in ('pending_confirmation', 'in_progress');
create table verne.approvals (
  task_id uuid not null references public.tasks,
  approver text not null constraint approver_is_a_snowflake check (approver ~ '^[0-9]{15,20}$'),
  at timestamptz not null default verne.now(),
  primary key (task_id, approver)
);
insert into verne.approvals (task_id, approver, at)
select t.id, t.decided_by, t.decided_at from public.tasks t where t.decided_by is not null and t.status <> 'rejected';

-- A server may have several keys, for everybody, for a role or for a channel.
drop index verne.keys_by_guild;
create unique index keys_by_guild on verne.keys (guild_id, account_id) where guild_id is not null and revoked_at is null;
alter table verne.keys
  add role_id text constraint role_id_is_a_snowflake check (role_id ~ '^[0-9]{15,20}$'),
  add channel_id text constraint channel_id_is_a_snowflake check (channel_id ~ '^[0-9]{15,20}$'),
  add used_at timestamptz,
  add problem text,
  add problem_at timestamptz,
  alter sealed drop not null,
  alter wrapped drop not null,
  add constraint only_a_server_has_a_pool check (guild_id is not null or (role_id is null and channel_id is null)),
  add constraint an_open_key_is_sealed check (revoked_at is not null or (sealed is not null and wrapped is not null));
update verne.keys set sealed = null, wrapped = null where revoked_at is not null;
alter table verne.keys
  add constraint what_opens_a_revoked_key_is_destroyed check (revoked_at is null or (sealed is null and wrapped is null));
alter table verne.accounts add plan text not null default 'custom'
  constraint plan_is_known check (plan in ('free', 'pro', 'ultra', 'custom'));

-- What each master key sealed once and must open again, so that a wrong one is noticed before it is needed.
create table verne.master_keys (
  version text primary key,
  known_answer text not null,
  added_at timestamptz not null default verne.now()
);

-- The audit names people by a pseudonym, so that one who is forgotten leaves a chain that still verifies. A pseudonym is
-- made of the person's id and a salt, so that it cannot be given to another person; without the salt it leads nowhere.
create table verne.people (
  ref uuid primary key,
  discord_id text unique, -- null, as the salt: forgotten
  salt uuid,
  constraint a_pseudonym_is_of_its_person check
    (ref = encode(substring(sha256(convert_to(salt::text || ':' || discord_id, 'UTF8')) for 16), 'hex')::uuid)
);
drop trigger keep_audit on verne.audit;
alter table verne.audit add person uuid references verne.people, add hash bytea;
insert into verne.people (ref, discord_id, salt)
select encode(substring(sha256(convert_to(s.salt::text || ':' || s.actor_id, 'UTF8')) for 16), 'hex')::uuid, s.actor_id, s.salt
from (select a.actor_id, gen_random_uuid() as salt from verne.audit a group by a.actor_id) s;
update verne.audit a set person = p.ref from verne.people p where p.discord_id = a.actor_id;
alter table verne.audit drop column actor_id, alter person set not null;

-- What is old is looked for by its age.
create index messages_notes_by_age on verne.messages (created_at) where kind = 'note';

-- What every card that waits asks of its account: what runs, and how long the last ones took.
create index sessions_running on verne.sessions (account_id, admitted_at) where ended_at is null and admitted_at is not null;
create index sessions_ended on verne.sessions (account_id, ended_at) where ended_at is not null;
