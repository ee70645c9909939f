-- Who can mend a key hears when it has nothing left for the day, once in 24 hours.
alter table verne.keys add exhausted_at timestamptz;
comment on column verne.keys.exhausted_at is 'When it was last told that the key had nothing left for the day while tasks waited.';
select verne.subscribe('discord.show', '{task.*,session.*,card.announced,card.returned,key.refused,key.exhausted}', 'latest');
select verne.route_topic('key.exhausted');
