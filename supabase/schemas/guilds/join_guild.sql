-- The bot was added to a server. Its row is made by the first interaction; one that it had is taken up again.
create or replace function public.join_guild(guild_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.return_guild(join_guild.guild_id);
  return jsonb_build_object('kind', 'joined');
end $$;
revoke all on function public.join_guild from public, anon, authenticated;
grant execute on function public.join_guild to service_role, verne_worker;
