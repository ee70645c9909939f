-- The cards of what is about to begin say that a pause holds it.
select verne.subscribe('tasks.resume', '{guild.paused,guild.resumed,guild.returned}', 'latest');
