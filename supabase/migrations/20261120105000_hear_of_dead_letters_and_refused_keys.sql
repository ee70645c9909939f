-- Work that was given up, and a key that Jules refuses, are told to the people who wait.
select verne.subscribe('tasks.tell_dead', '{delivery.dead}', 'each');
select verne.subscribe('discord.show', '{task.*,session.*,card.announced,key.refused}', 'latest');
select verne.route_topic(topic) from unnest('{delivery.dead,key.refused}'::text[]) topic;
