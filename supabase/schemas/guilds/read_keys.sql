-- The keys of one server, or of all and of people, for an operator: never more of them than the last four.
create or replace function public.read_keys(guild_id text default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('guild_id', k.guild_id, 'owner_id', k.owner_id, 'last4', k.last4, 'plan', a.plan,
      'per_day', a.per_day, 'at_once', a.at_once, 'role', k.role_id, 'channel', k.channel_id, 'added_at', k.added_at, 'used_at', k.used_at,
      'problem', k.problem, 'master_key', k.kek_version) order by k.guild_id, k.owner_id, k.added_at), '[]')
    from verne.keys k join verne.accounts a on a.id = k.account_id
    where k.revoked_at is null and (read_keys.guild_id is null or k.guild_id = read_keys.guild_id));
end $$;
revoke all on function public.read_keys from public, anon, authenticated;
grant execute on function public.read_keys to service_role, verne_worker;
