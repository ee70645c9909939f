-- A stored key does not open although its master key is there: somebody changed or moved its seal. Told and audited once.
create or replace function public.report_broken_key(key_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare broken verne.keys;
begin
  update verne.keys k set broken_at = verne.now(), problem = 'Its seal is broken; it must be entered anew.', problem_at = verne.now()
  where k.id = report_broken_key.key_id::uuid and k.revoked_at is null and k.broken_at is null returning * into broken;
  if broken.id is not null then
    perform verne.tell_lost_key(broken, 'broken');
    perform verne.append_audit(jsonb_build_object('id', 'verne', 'door', 'worker', 'command', 'open key', 'guild', broken.guild_id,
        'correlation', gen_random_uuid()), 'keys.open', 'broken_seal',
      jsonb_strip_nulls(jsonb_build_object('last4', broken.last4, 'person', broken.owner_id)));
  end if;
  return jsonb_build_object('kind', 'reported');
end $$;
revoke all on function public.report_broken_key from public, anon, authenticated;
grant execute on function public.report_broken_key to service_role, verne_worker;
