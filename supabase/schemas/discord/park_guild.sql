-- The bot was removed from a server: what it still had to say there is parked. It was added again: that is said after all,
-- and the cards become true again.
create or replace function public.park_guild(guild_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  reason text := 'The bot was removed from the server.';
  changed record;
  messages int := 0;
begin
  for changed in
    update verne.messages m set parked_reason = case when verne.has_left(park_guild.guild_id) then reason end
    where m.parked_reason is not distinct from case when verne.has_left(park_guild.guild_id) then null else reason end
      and (m.message_id is null or m.kind = 'card') and verne.server_of(m.subject, m.facts) = park_guild.guild_id
    returning m.subject
  loop
    messages := messages + 1;
    continue when verne.has_left(park_guild.guild_id);
    perform verne.publish_event('card.returned', changed.subject, '{}', jsonb_build_object('tenant', park_guild.guild_id, 'source', 'discord'));
  end loop;
  if not verne.has_left(park_guild.guild_id) then -- what Discord refused between the removal and the news of it
    for changed in
      update verne.messages m set thread_problem = null,
        parked_reason = case when m.parked_reason = 'forbidden' and m.message_id is null then null else m.parked_reason end
      where m.kind = 'card' and (m.thread_problem is not null or m.parked_reason = 'forbidden' and m.message_id is null)
        and verne.server_of(m.subject, m.facts) = park_guild.guild_id
      returning m.subject
    loop
      perform verne.publish_event('card.returned', changed.subject, '{}', jsonb_build_object('tenant', park_guild.guild_id, 'source', 'discord'));
    end loop;
  end if;
  return jsonb_build_object('kind', case when verne.has_left(park_guild.guild_id) then 'parked' else 'returned' end, 'count', messages);
end $$;
revoke all on function public.park_guild from public, anon, authenticated;
grant execute on function public.park_guild to service_role, verne_worker;
