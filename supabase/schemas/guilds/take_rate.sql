-- Takes one action from what a person, a person here, and the server are allowed (GCRA): null, or the refusal with the time
-- to wait. What is refused takes nothing, so nobody spends what others are allowed by being too fast. It is refused at the
-- first look, before any row is locked or written, so a flood costs a look each; of refusals in a row only the first is
-- audited.
create or replace function verne.take_rate(actor jsonb, operation text, args jsonb default '{}') returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  refusal jsonb := coalesce(verne.too_fast(actor, false), verne.too_fast(actor, true));
  bound record;
  instant timestamptz;
begin
  if refusal is not null then
    update verne.rates r set is_told = true where r.key = refusal ->> 'key' and not r.is_told;
    if found then
      perform verne.append_audit(actor, take_rate.operation, 'refused: too_fast', args);
    end if;
    return refusal - 'key';
  end if;
  for bound in select * from verne.rate_bounds(actor) loop
    instant := verne.now();
    update verne.rates r set tat = greatest(least(r.tat, instant + bound.room - bound.step), instant) + bound.step, is_told = false
    where r.key = bound.key;
  end loop;
  return null;
end $$;
