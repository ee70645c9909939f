-- Takes one action from what a person, a person here, and the server are allowed (GCRA): null, or the refusal with the time
-- to wait. What is refused takes nothing, so nobody spends what others are allowed by being too fast. It is refused at the
-- first look, before any row is locked or written, so a flood costs a look each; of refusals in a row only the first is
-- audited. The second look reads the instant when it holds the row: one from before would find it too full, as if the clock
-- had been set back.
create or replace function verne.take_rate(actor jsonb, operation text, args jsonb default '{}') returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  bound record;
  tat timestamptz;
  instant timestamptz;
  longest interval := interval '0';
  full_key text;
  whose text;
begin
  for look in 1..2 loop
    for bound in select * from verne.rate_bounds(actor) loop
      if look = 1 then
        select r.tat into tat from verne.rates r where r.key = bound.key;
      else
        tat := verne.hold_rate(bound.key);
      end if;
      instant := verne.now();
      -- A clock that was set back makes nobody wait longer than an empty allowance does.
      if tat + bound.step - bound.room - instant > longest and tat <= instant + bound.room then
        longest := tat + bound.step - bound.room - instant;
        full_key := bound.key;
        whose := case bound.scope when 'server' then 'server' else 'person' end;
      end if;
    end loop;
    if full_key is not null then
      update verne.rates r set is_told = true where r.key = full_key and not r.is_told;
      if found then
        perform verne.append_audit(actor, take_rate.operation, 'refused: too_fast', args);
      end if;
      return jsonb_build_object('kind', 'too_fast', 'wait_ms', ceil(extract(epoch from longest) * 1000)::int, 'whose', whose);
    end if;
  end loop;
  for bound in select * from verne.rate_bounds(actor) loop
    instant := verne.now();
    update verne.rates r set tat = greatest(least(r.tat, instant + bound.room - bound.step), instant) + bound.step, is_told = false
    where r.key = bound.key;
  end loop;
  return null;
end $$;
