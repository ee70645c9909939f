-- Gives up a master key that is lost: the keys that only it opens are revoked, and their owners must enter them anew.
create or replace function public.abandon_master_key(actor jsonb, version text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare lost record; count int := 0;
begin
  if actor ->> 'door' is distinct from 'operator' then
    return jsonb_build_object('kind', 'not_permitted', 'operation', 'keys.abandon', 'roles', '[]'::jsonb);
  end if;
  for lost in
    update verne.keys k set revoked_at = verne.now(), sealed = null, wrapped = null
    where k.revoked_at is null and k.kek_version = abandon_master_key.version returning k.guild_id, k.owner_id
  loop
    count := count + 1;
    perform verne.mask_key(lost.guild_id, lost.owner_id);
  end loop;
  delete from verne.master_keys m where m.version = abandon_master_key.version;
  perform verne.append_audit(actor, 'keys.abandon', 'allowed', jsonb_build_object('version', abandon_master_key.version, 'keys', count));
  return jsonb_build_object('kind', 'abandoned', 'keys', count);
end $$;
revoke all on function public.abandon_master_key from public, anon, authenticated;
grant execute on function public.abandon_master_key to service_role, verne_worker;
