-- Sessions that are stuck: silent, missing at Jules, or approved too late; and what of their work can be saved.
alter table verne.sessions add column silent_at timestamptz; -- when it was silent for longer than its phase may be
alter table verne.sessions add column approval_sent_at timestamptz; -- the approval was about to be sent; approved_at is the proof of it
alter table verne.sessions add column missing_since timestamptz; -- Jules said that there is no such session; it may be a slip
alter table verne.sessions add column deleted_at timestamptz; -- Jules said so twice

alter table verne.instructions drop constraint kind_is_known;
alter table verne.instructions add constraint kind_is_known check (kind in ('answer', 'changes', 'steer', 'follow_up', 'nudge', 'publish'));

-- The newest patch of a session: all that is left of its work where Jules forgets it.
create table verne.patches (
  task_id uuid primary key references public.tasks,
  patch text, -- null where it is too large to be kept
  chars int not null constraint a_patch_says_something check (chars > 0),
  base_commit text constraint base_is_a_commit check (base_commit ~ '^[0-9a-f]{7,64}$'),
  kept_at timestamptz not null default verne.now(),
  constraint a_kept_patch_is_bounded check (octet_length(patch) <= 1048576)
);
create index patches_by_age on verne.patches (kept_at);
alter table verne.patches enable row level security;

select verne.route_topic('session.silent');
select verne.subscribe('tasks.remind', '{task.requested,task.confirmed,task.rejected,task.cancelled,task.expired,task.plan_approved,task.instructed,session.turned,session.silent}', 'latest');
select verne.subscribe('tasks.prune', '{service.started}', 'latest');
