-- Jules says of a key that it is used up, although by what Verne counts there was room.
create or replace function public.report_exhausted_key(key_id text, why text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform verne.tell_key_exhausted(report_exhausted_key.key_id::uuid, report_exhausted_key.why);
  return jsonb_build_object('kind', 'reported');
end $$;
revoke all on function public.report_exhausted_key from public, anon, authenticated;
grant execute on function public.report_exhausted_key to service_role, verne_worker;
