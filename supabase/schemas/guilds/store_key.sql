-- Stores a sealed Jules key for the server or for the actor; the one before it is revoked. `sealed` holds id, sealed,
-- wrapped, kek_version, last4, fingerprint, per_day, at_once: never the key itself.
create or replace function public.store_key(actor jsonb, owner text, sealed jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_build_object('key_of', owner, 'last4', sealed ->> 'last4');
  gate jsonb := verne.authorise(actor, operation, args);
  account uuid;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  insert into verne.accounts (fingerprint, per_day, at_once)
  values (sealed ->> 'fingerprint', (sealed ->> 'per_day')::int, (sealed ->> 'at_once')::int)
  on conflict (fingerprint) do update set per_day = excluded.per_day, at_once = excluded.at_once
  returning id into account;
  update verne.keys k set revoked_at = verne.now()
  where k.revoked_at is null and case owner when 'person' then k.owner_id = actor ->> 'id' else k.guild_id = gate ->> 'guild_id' end;
  insert into verne.keys (id, account_id, guild_id, owner_id, sealed, wrapped, kek_version, last4, added_by)
  values ((sealed ->> 'id')::uuid, account, case owner when 'server' then gate ->> 'guild_id' end,
    case owner when 'person' then actor ->> 'id' end,
    sealed ->> 'sealed', sealed ->> 'wrapped', sealed ->> 'kek_version', sealed ->> 'last4', actor ->> 'id');
  if owner = 'person' then
    update public.users u set jules_api_key = '•••• ' || (sealed ->> 'last4') where u.discord_id = actor ->> 'id';
  else
    update public.guilds g set default_jules_api_key = '•••• ' || (sealed ->> 'last4') where g.guild_id = gate ->> 'guild_id';
  end if;
  perform verne.publish_event('key.added', 'key:' || (sealed ->> 'id'), jsonb_build_object('account', account, 'by', actor ->> 'id', 'last4', sealed ->> 'last4'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'guilds'));
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'stored', 'last4', sealed ->> 'last4');
end $$;
revoke all on function public.store_key from public, anon, authenticated;
grant execute on function public.store_key to service_role, verne_worker;
