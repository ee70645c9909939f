-- Revokes the server's or the actor's key: no new call is made with it.
create or replace function public.remove_key(actor jsonb, owner text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  gate jsonb := verne.authorise(actor, operation, jsonb_build_object('remove_key_of', owner));
  gone int;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  update verne.keys k set revoked_at = verne.now()
  where k.revoked_at is null and case owner when 'person' then k.owner_id = actor ->> 'id' else k.guild_id = gate ->> 'guild_id' end;
  get diagnostics gone = row_count;
  if owner = 'person' then
    update public.users u set jules_api_key = null where u.discord_id = actor ->> 'id';
  else
    update public.guilds g set default_jules_api_key = null where g.guild_id = gate ->> 'guild_id';
  end if;
  perform verne.append_audit(actor, operation, 'allowed', jsonb_build_object('remove_key_of', owner));
  return jsonb_build_object('kind', case gone when 0 then 'no_key' else 'removed' end);
end $$;
revoke all on function public.remove_key from public, anon, authenticated;
grant execute on function public.remove_key to service_role, verne_worker;
