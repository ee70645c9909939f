-- What a readiness probe asks. Volatile, since a stable function is called in a read-only transaction over HTTP; a
-- standby, and a hosted project whose disk is full, answer reads and take no writes. The machine's clock, not ours.
create or replace function public.read_health() returns jsonb
language sql volatile security definer set search_path = '' as $$
  select jsonb_build_object(
    'now', clock_timestamp(),
    'migration', (select max(m.version) from supabase_migrations.schema_migrations m),
    'writable', not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off')
$$;
revoke all on function public.read_health from public, anon, authenticated;
grant execute on function public.read_health to service_role, verne_worker;
