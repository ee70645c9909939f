-- Whether one more action of this actor would be too fast (GCRA): null, or the refusal with the time to wait and the `key`
-- of the allowance that is empty. With `holds` the rows are held, and the instant is read when they are: one from before
-- would find them too full, as if the clock had been set back.
create or replace function verne.too_fast(actor jsonb, holds boolean) returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  bound record;
  tat timestamptz;
  instant timestamptz;
  longest interval := interval '0';
  refusal jsonb;
begin
  for bound in select * from verne.rate_bounds(actor) loop
    if holds then
      tat := verne.hold_rate(bound.key);
    else
      select r.tat into tat from verne.rates r where r.key = bound.key;
    end if;
    instant := verne.now();
    -- A clock that was set back makes nobody wait longer than an empty allowance does.
    if tat + bound.step - bound.room - instant > longest and tat <= instant + bound.room then
      longest := tat + bound.step - bound.room - instant;
      refusal := jsonb_build_object('kind', 'too_fast', 'wait_ms', ceil(extract(epoch from longest) * 1000)::int,
        'whose', case bound.scope when 'server' then 'server' else 'person' end, 'key', bound.key);
    end if;
  end loop;
  return refusal;
end $$;
