-- Gives a lease back at a clean stop, so that the next one need not wait for its end.
create or replace function public.release_lease(name text, owner text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  delete from verne.leases l where l.name = release_lease.name and l.owner = release_lease.owner;
  return jsonb_build_object('released', found);
end $$;
revoke all on function public.release_lease from public, anon, authenticated;
grant execute on function public.release_lease to service_role, verne_worker;
