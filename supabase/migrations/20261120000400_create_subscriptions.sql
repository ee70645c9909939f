-- Who hears what. Deploys overlap, and migrations are the one thing that they apply in order: so subscriptions live here.
create trigger guard_task before update on public.tasks for each row execute function verne.guard_task();

select verne.subscribe('tasks.open_session', '{task.admitted}', 'latest');
select verne.subscribe('tasks.follow_session', '{session.opened,session.moved,task.cancelled}', 'latest');
select verne.subscribe('tasks.sweep_account', '{account.watched}', 'latest');
select verne.subscribe('tasks.list_sources', '{key.added,sources.wanted}', 'latest');
select verne.subscribe('discord.show', '{task.*,session.*,card.announced}', 'latest');
select verne.subscribe('discord.announce', '{card.unannounced}', 'latest');
select verne.subscribe('discord.register', '{service.started}', 'latest');
select verne.subscribe('events.prune', '{service.started}', 'latest');

-- Known topics are routed now: the first publisher of a new one would hold up the others until it commits.
select verne.route_topic(topic) from unnest('{
  task.requested,task.confirmed,task.rejected,task.cancelled,task.expired,task.admitted,task.completed,task.failed,task.resumed,task.updated,
  session.opened,session.moved,session.progressed,session.delayed,account.watched,sources.wanted,key.added,
  card.unannounced,card.announced,service.started}'::text[]) topic;
