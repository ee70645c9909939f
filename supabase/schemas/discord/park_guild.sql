-- The bot was removed from a server: what it still had to say there is parked.
create or replace function public.park_guild(guild_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare parked int;
begin
  update verne.messages m set parked_reason = 'The bot was removed from the server.'
  where m.parked_reason is null and m.facts ->> 'guild_id' = park_guild.guild_id and (m.message_id is null or m.kind = 'card');
  get diagnostics parked = row_count;
  return jsonb_build_object('kind', 'parked', 'count', parked);
end $$;
revoke all on function public.park_guild from public, anon, authenticated;
grant execute on function public.park_guild to service_role, verne_worker;
