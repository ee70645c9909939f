-- Gives up a master key that is lost: the keys that only it opens are revoked, and who entered them is told. `untold` are
-- those that an operator entered for a server: there is nobody to tell.
create or replace function public.abandon_master_key(actor jsonb, version text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  lost verne.keys;
  count int := 0;
  untold jsonb := '[]';
  args jsonb;
  entries jsonb := '[]';
  entry jsonb;
begin
  if actor ->> 'door' is distinct from 'operator' then
    perform verne.append_audit(actor, 'keys.abandon', 'refused: not_permitted', jsonb_build_object('version', abandon_master_key.version));
    return jsonb_build_object('kind', 'not_permitted', 'operation', 'keys.abandon', 'roles', '[]'::jsonb);
  end if;
  perform verne.hold_owners(array_agg(k.guild_id), array_agg(k.owner_id)) from verne.keys k
  where k.revoked_at is null and k.kek_version = abandon_master_key.version;
  -- Not held against those who only name a key: they may hold its server's row.
  perform from verne.keys k where k.revoked_at is null and k.kek_version = abandon_master_key.version order by k.id for no key update;
  for lost in
    select * from verne.keys k where k.revoked_at is null and k.kek_version = abandon_master_key.version order by k.guild_id, k.owner_id, k.id
  loop
    count := count + 1;
    if not verne.tell_lost_key(lost, 'lost') then
      untold := untold || jsonb_build_object('guild', lost.guild_id, 'last4', lost.last4);
    end if;
    update verne.keys k set revoked_at = verne.now(), sealed = null, wrapped = null where k.id = lost.id;
    perform verne.mask_key(lost.guild_id, lost.owner_id);
    args := jsonb_strip_nulls(jsonb_build_object('version', abandon_master_key.version, 'last4', lost.last4, 'person', lost.owner_id));
    entries := entries || jsonb_build_object('guild', lost.guild_id, 'args', args);
  end loop;
  delete from verne.master_keys m where m.version = abandon_master_key.version;
  for entry in select * from jsonb_array_elements(entries) loop
    perform verne.append_audit(actor || jsonb_build_object('guild', entry -> 'guild'), 'keys.abandon', 'allowed', entry -> 'args');
  end loop;
  perform verne.append_audit(actor, 'keys.abandon', 'allowed', jsonb_build_object('version', abandon_master_key.version, 'keys', count));
  return jsonb_build_object('kind', 'abandoned', 'keys', count, 'untold', untold);
end $$;
revoke all on function public.abandon_master_key from public, anon, authenticated;
grant execute on function public.abandon_master_key to service_role, verne_worker;
