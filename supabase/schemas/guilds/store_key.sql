-- Stores a sealed Jules key for the server or for the actor. The one before it for the same (everybody, a role, a channel)
-- is revoked, unless `sealed` says `beside`: then both are of one pool. `sealed` holds id, sealed, wrapped, kek_version,
-- last4, fingerprint, plan (null where none was named), per_day, at_once, role_id, channel_id, beside: never the key itself.
create or replace function public.store_key(actor jsonb, owner text, sealed jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_strip_nulls(jsonb_build_object('key_of', owner, 'last4', sealed ->> 'last4', 'plan', sealed ->> 'plan',
    'role', sealed ->> 'role_id', 'channel', sealed ->> 'channel_id'));
  gate jsonb := verne.authorise(actor, operation, args);
  guild text := case owner when 'server' then gate ->> 'guild_id' end;
  person text := case owner when 'person' then actor ->> 'id' end;
  account jsonb;
  elsewhere text;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  perform verne.hold_owners(array[guild], array[person]);
  account := verne.hold_account(actor, guild, sealed);
  perform verne.revoke_keys(guild, person,
    jsonb_build_object('account', account -> 'id') || case when (sealed ->> 'beside')::boolean is true then '{}'
      else jsonb_build_object('slot', jsonb_build_object('role', sealed -> 'role_id', 'channel', sealed -> 'channel_id')) end);
  insert into verne.keys (id, account_id, guild_id, owner_id, sealed, wrapped, kek_version, last4, added_by, role_id, channel_id)
  values ((sealed ->> 'id')::uuid, (account ->> 'id')::uuid, guild, person, sealed ->> 'sealed', sealed ->> 'wrapped', sealed ->> 'kek_version',
    sealed ->> 'last4', actor ->> 'id', sealed ->> 'role_id', sealed ->> 'channel_id');
  perform verne.mask_key(guild, person);
  perform verne.publish_event('key.added', 'key:' || (sealed ->> 'id'), jsonb_build_object('account', account -> 'id', 'by', actor ->> 'id', 'last4', sealed ->> 'last4'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'guilds'));
  args := args || case when (account ->> 'set')::boolean then jsonb_build_object('per_day', sealed -> 'per_day', 'at_once', sealed -> 'at_once')
    else jsonb_build_object('limits', 'kept') end;
  -- Everybody whose limits these are can see in their own audit who set them.
  for elsewhere in select g.id from (select actor ->> 'guild' as id union select * from jsonb_array_elements_text(account -> 'elsewhere')) g order by 1 loop
    perform verne.append_audit(actor || jsonb_build_object('guild', elsewhere), operation, 'allowed',
      case elsewhere when actor ->> 'guild' then args else args - '{key_of,role,channel}'::text[] end);
  end loop;
  return jsonb_build_object('kind', 'stored', 'last4', sealed ->> 'last4',
    'limits_kept', sealed ->> 'plan' is not null and not (account ->> 'set')::boolean);
end $$;
revoke all on function public.store_key from public, anon, authenticated;
grant execute on function public.store_key to service_role, verne_worker;
