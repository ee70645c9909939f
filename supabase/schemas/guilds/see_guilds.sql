-- All servers that the bot is in, as Discord lists them at a connection: what was missed meanwhile is caught up with. A list
-- with none of those that are known is another bot's, started beside this database by mistake: it says nothing.
create or replace function public.see_guilds(guild_ids text[]) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  known record;
  is_ours boolean := exists (select from public.guilds g where g.guild_id = any (guild_ids));
begin
  for known in
    select g.guild_id, g.guild_id = any (guild_ids) as is_here from public.guilds g
    where is_ours and (g.left_at is null) is distinct from (g.guild_id = any (guild_ids)) order by g.guild_id
  loop
    perform case when known.is_here then verne.return_guild(known.guild_id) end;
    perform case when not known.is_here then public.leave_guild(known.guild_id) end;
  end loop;
  return jsonb_build_object('kind', 'seen');
end $$;
revoke all on function public.see_guilds from public, anon, authenticated;
grant execute on function public.see_guilds to service_role, verne_worker;
