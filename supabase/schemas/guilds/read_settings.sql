-- The server's settings as its members may see them; a key only as its last four.
create or replace function public.read_settings(actor jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare gate jsonb := verne.authorise(actor, 'settings.read'); guild public.guilds;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  select * into guild from public.guilds g where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.read', 'allowed');
  return jsonb_build_object('kind', 'settings', 'revision', guild.revision,
    'create_roles', guild.permissions -> 'create_roles', 'confirm_roles', guild.permissions -> 'confirm_roles',
    'default_repo', guild.default_repo, 'default_branch', guild.default_branch, 'repos', gate -> 'repos',
    'notice', gate -> 'notice', 'language', guild.language, 'plans', gate -> 'plans', 'may_change', verne.may(actor, 'settings.change', guild) is true,
    'key_in_use', gate -> 'key', 'policy', (gate -> 'policy') || jsonb_build_object('key_rule', guild.key_rule),
    'paused', case when guild.paused_at is not null then jsonb_build_object('by', guild.paused_by, 'since', guild.paused_at) end,
    'keys', (select coalesce(jsonb_agg(jsonb_build_object('owner', case when k.owner_id is null then 'server' else 'person' end,
        'last4', k.last4, 'added_at', k.added_at, 'used_at', k.used_at, 'role', k.role_id, 'channel', k.channel_id, 'problem', k.problem,
        'plan', a.plan, 'per_day', a.per_day, 'at_once', a.at_once) order by k.owner_id is null, k.added_at), '[]')
      from verne.keys k join verne.accounts a on a.id = k.account_id where k.revoked_at is null and (k.guild_id = guild.guild_id or k.owner_id = actor ->> 'id')),
    'channels', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'repo', r.repo, 'branch', r.branch) order by r.id), '[]')
      from verne.repo_choices r where r.guild_id = guild.guild_id and r.kind = 'channel'),
    'grants', (select coalesce(jsonb_agg(to_jsonb(g) - 'id' - 'guild_id' order by g.role_id, g.role, g.operation), '[]')
      from verne.grants g where g.guild_id = guild.guild_id),
    'allow', (select coalesce(jsonb_object_agg(l.kind, l.patterns), '{}') from (
      select l.kind, jsonb_agg(l.pattern order by l.pattern) as patterns from verne.allow_lists l where l.guild_id = guild.guild_id group by l.kind) l),
    'budgets', (select coalesce(jsonb_agg(to_jsonb(b) - 'guild_id' order by b.kind, b.id), '[]')
      from verne.budgets b where b.guild_id = guild.guild_id));
end $$;
revoke all on function public.read_settings from public, anon, authenticated;
grant execute on function public.read_settings to service_role, verne_worker;
