-- Deliveries as an operator lists them, newest first. Filters: state, topic (a pattern), subscriber, limit.
create or replace function public.read_deliveries(filters jsonb default '{}') returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(row) - 'number' order by row.number desc), '[]') from (
    select d.id as number, d.id::text as id, d.subscriber, e.topic, d.key, d.state, d.attempts, d.worker, d.due_at, d.last_error, e.at
    from verne.deliveries d join verne.events e on e.id = d.event_id
    where (filters ->> 'state' is null or d.state = filters ->> 'state')
      and (filters ->> 'topic' is null or e.topic ~ verne.matcher(array [filters ->> 'topic']))
      and (filters ->> 'subscriber' is null or d.subscriber = filters ->> 'subscriber')
    order by d.id desc limit least(coalesce((filters ->> 'limit')::int, 50), 1000)) row
$$;
revoke all on function public.read_deliveries from public, anon, authenticated;
grant execute on function public.read_deliveries to service_role, verne_worker;
