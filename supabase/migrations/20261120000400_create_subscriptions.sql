-- Who hears what. Deploys overlap, and migrations are the one thing that they apply in order: so subscriptions live here.
create trigger guard_task before update on public.tasks for each row execute function verne.guard_task();

select verne.subscribe('tasks.open_session', '{task.admitted}', 'latest');
select verne.subscribe('tasks.follow_session', '{session.opened,session.moved,task.cancelled}', 'latest');
select verne.subscribe('tasks.sweep_account', '{account.watched}', 'latest');
select verne.subscribe('tasks.list_sources', '{key.added,sources.wanted}', 'latest');
select verne.subscribe('discord.show', '{task.*,session.*,card.announced}', 'latest');
select verne.subscribe('discord.announce', '{card.unannounced}', 'latest');
select verne.subscribe('events.prune', '{service.started}', 'latest');
