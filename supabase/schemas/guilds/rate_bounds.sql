-- What an action of this actor is taken from: the person anywhere, the person in this server, the server; each with the
-- time that one action costs (`step`) and the time that a full allowance is worth (`room`). In the order of locking.
create or replace function verne.rate_bounds(actor jsonb)
returns table (scope text, key text, step interval, room interval)
language sql stable set search_path = '' as $$
  select l.scope, k.key, interval '1 minute' / l.per_minute::float8, interval '1 minute' / l.per_minute::float8 * l.burst
  from verne.rate_limits l cross join lateral (select l.scope || ':' || case l.scope when 'person' then actor ->> 'id'
    when 'server' then actor ->> 'guild' else (actor ->> 'guild') || ':' || (actor ->> 'id') end) k(key)
  where k.key is not null and actor ->> 'door' is distinct from 'operator'
  order by k.key
$$;
