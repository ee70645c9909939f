-- Entries that were there before the chain name people by their pseudonyms too, and get their hashes, in order; then nobody
-- changes any again. And who hears what.
update verne.audit a set args = verne.without_names(a.args);
do $$
declare
  entry verne.audit;
  before bytea := '';
  server text := null;
begin
  for entry in select * from verne.audit order by guild_id, seq loop
    if entry.guild_id is distinct from server then
      server := entry.guild_id;
      before := '';
    end if;
    before := sha256(before || convert_to(verne.audit_entry(entry), 'UTF8'));
    update verne.audit a set hash = before where a.guild_id = entry.guild_id and a.seq = entry.seq;
  end loop;
end $$;
alter table verne.audit alter hash set not null;
create trigger keep_audit before update or delete on verne.audit for each row execute function verne.keep_audit();
-- Also in a session that plays a replica, where ordinary triggers rest.
alter table verne.audit enable always trigger keep_audit, enable always trigger keep_audit_whole;
revoke all on verne.audit, verne.people from public;

-- Of what runs as its owner, everybody calls only what is listed for them: a dashboard's insert asks the clock.
revoke all on function verne.now() from public;
grant execute on function verne.now() to authenticated;

-- For looking: who it was, where they are still known.
create view verne.audit_log as
  select a.guild_id, a.seq, a.at, p.discord_id as actor_id, a.door, a.command, a.operation, a.args, a.channel_id, a.outcome, a.correlation_id, a.hash
  from verne.audit a left join verne.people p on p.ref = a.person;

drop function verne.queue_place(verne.sessions);

select verne.subscribe('tasks.expire', '{task.requested,task.confirmed,task.rejected,task.cancelled}', 'latest');
select verne.subscribe('tasks.resume', '{guild.resumed,guild.returned}', 'latest');
select verne.subscribe('discord.park_guild', '{guild.left,guild.returned}', 'latest');
select verne.subscribe('discord.show', '{task.*,session.*,card.announced,card.returned,key.refused}', 'latest');
select verne.subscribe('guilds.log_heads', '{service.started}', 'latest');
select verne.subscribe('guilds.prune', '{service.started}', 'latest');
select verne.subscribe('discord.prune', '{service.started}', 'latest');
select verne.route_topic(topic) from unnest('{guild.paused,guild.resumed,guild.left,guild.returned,card.returned}'::text[]) topic;
