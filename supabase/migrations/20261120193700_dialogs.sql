-- What was asked for can be edited before it is confirmed, is asked for again as a task with a parent, and says whose choice it
-- is that people read its plan.
alter table public.tasks add column edits int not null default 0; -- names the words: a confirmation is of these and no others
alter table public.tasks add column edited_at timestamptz;
alter table public.tasks add column edited_after int not null default 0; -- approvals that the last edit made void
alter table public.tasks add column plan_from text constraint plan_from_is_known check (plan_from in ('option', 'person', 'server'));
alter table public.tasks add constraint an_edit_has_its_time check ((edits = 0) = (edited_at is null));
alter table public.tasks add constraint origin_is_known check (origin in ('retry', 'follow_up'));

-- How a person wants the plans of their own tasks here: read by people first, or run.
create table verne.plan_choices (
  guild_id text not null references public.guilds (guild_id),
  person_id text not null constraint person_is_a_snowflake check (person_id ~ '^[0-9]{15,20}$'),
  plans text not null constraint plans_is_known check (plans in ('read', 'run')),
  primary key (guild_id, person_id)
);
alter table verne.plan_choices enable row level security;

select verne.route_topic('task.edited');
