-- Hands deliveries back untouched, at a clean stop: another worker may have them at once, and the try does not count.
create or replace function public.return_deliveries(ids text[], fences text[]) returns jsonb
language sql security definer set search_path = '' as $$
  with returned as (
    update verne.deliveries d set worker = null, due_at = verne.now(), attempts = d.attempts - 1
    from unnest(ids, fences) mine(id, fence)
    where d.id = mine.id::bigint and d.fence = mine.fence::int and d.state = 'open' and d.worker is not null
    returning d.id)
  select jsonb_build_object('returned', count(*)) from returned
$$;
revoke all on function public.return_deliveries from public, anon, authenticated;
grant execute on function public.return_deliveries to service_role, verne_worker;
