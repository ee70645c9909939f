-- Revokes the server's or the actor's keys, or the one with these last four: what opens them is destroyed, so that no new
-- call is made with them.
create or replace function public.remove_key(actor jsonb, owner text, last4 text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_strip_nulls(jsonb_build_object('remove_key_of', owner, 'last4', last4));
  gate jsonb := verne.authorise(actor, operation, args);
  guild text := case owner when 'server' then gate ->> 'guild_id' end;
  person text := case owner when 'person' then actor ->> 'id' end;
  gone int;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  perform verne.hold_owners(array[guild], array[person]);
  gone := verne.revoke_keys(guild, person, jsonb_build_object('all', last4 is null, 'last4', last4));
  perform verne.mask_key(guild, person);
  perform verne.append_audit(actor, operation, case gone when 0 then 'refused: no_key' else 'allowed' end, args);
  return jsonb_build_object('kind', case gone when 0 then 'no_key' else 'removed' end);
end $$;
revoke all on function public.remove_key from public, anon, authenticated;
grant execute on function public.remove_key to service_role, verne_worker;
