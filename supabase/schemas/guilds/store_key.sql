-- Stores a sealed Jules key for the server or for the actor. The one before it for the same (everybody, a role, a channel)
-- is revoked, unless `sealed` says `beside`: then both are of one pool. `sealed` holds id, sealed, wrapped, kek_version,
-- last4, fingerprint, plan, per_day, at_once, role_id, channel_id, beside: never the key itself.
create or replace function public.store_key(actor jsonb, owner text, sealed jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_strip_nulls(jsonb_build_object('key_of', owner, 'last4', sealed ->> 'last4', 'plan', sealed ->> 'plan',
    'role', sealed ->> 'role_id', 'channel', sealed ->> 'channel_id'));
  gate jsonb := verne.authorise(actor, operation, args);
  account uuid;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  insert into verne.accounts (fingerprint, plan, per_day, at_once)
  values (sealed ->> 'fingerprint', coalesce(sealed ->> 'plan', 'custom'), (sealed ->> 'per_day')::int, (sealed ->> 'at_once')::int)
  on conflict (fingerprint) do update set plan = excluded.plan, per_day = excluded.per_day, at_once = excluded.at_once
  returning id into account;
  perform verne.revoke_keys(case owner when 'server' then gate ->> 'guild_id' end, case owner when 'person' then actor ->> 'id' end,
    jsonb_build_object('account', account) || case when (sealed ->> 'beside')::boolean is true then '{}'
      else jsonb_build_object('slot', jsonb_build_object('role', sealed -> 'role_id', 'channel', sealed -> 'channel_id')) end);
  insert into verne.keys (id, account_id, guild_id, owner_id, sealed, wrapped, kek_version, last4, added_by, role_id, channel_id)
  values ((sealed ->> 'id')::uuid, account, case owner when 'server' then gate ->> 'guild_id' end,
    case owner when 'person' then actor ->> 'id' end, sealed ->> 'sealed', sealed ->> 'wrapped', sealed ->> 'kek_version',
    sealed ->> 'last4', actor ->> 'id', sealed ->> 'role_id', sealed ->> 'channel_id');
  perform verne.mask_key(case owner when 'server' then gate ->> 'guild_id' end, case owner when 'person' then actor ->> 'id' end);
  perform verne.publish_event('key.added', 'key:' || (sealed ->> 'id'), jsonb_build_object('account', account, 'by', actor ->> 'id', 'last4', sealed ->> 'last4'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'guilds'));
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'stored', 'last4', sealed ->> 'last4');
end $$;
revoke all on function public.store_key from public, anon, authenticated;
grant execute on function public.store_key to service_role, verne_worker;
