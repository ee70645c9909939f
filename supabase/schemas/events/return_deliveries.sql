-- Hands deliveries back untouched, at a clean stop: another worker may have them at once, and the try does not count.
-- Answers which; a row that a publisher has locked is left out, to be asked for again.
create or replace function public.return_deliveries(ids text[], fences text[]) returns jsonb
language sql security definer set search_path = '' as $$
  with free as materialized (
    select d.id from verne.deliveries d join unnest(ids, fences) asked(id, fence)
      on d.id = asked.id::bigint and d.fence = asked.fence::int
    where d.state = 'open' and d.worker is not null
    for update of d skip locked),
  returned as (
    update verne.deliveries d set worker = null, due_at = verne.now(), attempts = d.attempts - 1
    from free where d.id = free.id returning d.id)
  select jsonb_build_object('returned', coalesce(jsonb_agg(returned.id::text), '[]')) from returned
$$;
revoke all on function public.return_deliveries from public, anon, authenticated;
grant execute on function public.return_deliveries to service_role, verne_worker;
