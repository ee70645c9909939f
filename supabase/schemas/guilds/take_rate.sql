-- Takes one action from what a person, a person here, and the server are allowed (GCRA): null, or the refusal with the time
-- to wait. What is refused takes nothing, so nobody spends what others are allowed by being too fast. It is refused before
-- any row is locked or written, so a flood costs a look each; of refusals in a row only the first is audited. The instant is
-- read when the rows are held: an older one would find them too full, as if the clock had been set back.
create or replace function verne.take_rate(actor jsonb, operation text, args jsonb default '{}') returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare refused record;
begin
  for look in 1..2 loop
    select b.key, b.scope, w.wait into refused from verne.rate_bounds(actor) b join verne.rates r on r.key = b.key
    cross join lateral (select verne.now() as instant) n
    cross join lateral (select r.tat + b.step - b.room - n.instant as wait) w
    -- A clock that was set back makes nobody wait longer than an empty allowance does.
    where w.wait > interval '0' and r.tat <= n.instant + b.room
    order by w.wait desc limit 1;
    if refused.key is not null then
      update verne.rates r set is_told = true where r.key = refused.key and not r.is_told;
      if found then
        perform verne.append_audit(actor, take_rate.operation, 'refused: too_fast', args);
      end if;
      return jsonb_build_object('kind', 'too_fast', 'wait_ms', ceil(extract(epoch from refused.wait) * 1000)::int,
        'whose', case when refused.scope = 'server' then 'server' else 'person' end);
    end if;
    exit when look = 2;
    insert into verne.rates (key, tat) select b.key, 'epoch' from verne.rate_bounds(actor) b on conflict (key) do nothing;
    perform from verne.rates r where r.key in (select b.key from verne.rate_bounds(actor) b) order by r.key for update;
  end loop;
  update verne.rates r set tat = greatest(least(r.tat, n.instant + b.room - b.step), n.instant) + b.step, is_told = false
  from verne.rate_bounds(actor) b, (select verne.now() as instant) n
  where r.key = b.key;
  return null;
end $$;
