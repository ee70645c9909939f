-- Whoever deletes a server deletes its tasks with it, and each deletion looks for rows that still point there.
create index tasks_by_parent on public.tasks (parent) where parent is not null;
create index keys_by_account on verne.keys (account_id);
create index strays_by_task on verne.strays (task_id);
create index routes_by_subscriber on verne.routes (subscriber);
