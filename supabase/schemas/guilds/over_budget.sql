-- Whether one more task would pass a budget of the person or of the server: null, or which, how much is used and when there
-- is room again. `spent` counts what was asked for: {person: {day, open}, server: {day, open}} with the day's instants,
-- oldest first. The server's row is held, so that two who ask at once are counted one after the other.
create or replace function verne.over_budget(actor jsonb, spent jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  bound record;
  used int;
  extra int;
begin
  for bound in
    select 'person' as whose, x.per_day, x.at_once from verne.budget_of(actor) x
    union all
    select 'server', b.per_day, b.at_once from verne.budgets b where b.guild_id = actor ->> 'guild' and b.kind = 'server'
  loop
    select coalesce(sum(r.extra), 0) into extra from verne.raises r
    where r.guild_id = actor ->> 'guild' and r.until > verne.now()
      and r.person_id is not distinct from case bound.whose when 'person' then actor ->> 'id' end;
    used := jsonb_array_length(spent -> bound.whose -> 'day');
    if used >= bound.per_day + extra then
      return jsonb_build_object('kind', 'over_budget', 'whose', bound.whose, 'limit', 'per_day', 'allowed', bound.per_day + extra, 'used', used,
        'again_at', case when bound.per_day + extra > 0
          then (spent -> bound.whose -> 'day' ->> (used - bound.per_day - extra))::timestamptz + interval '24 hours' end);
    end if;
    used := (spent -> bound.whose ->> 'open')::int;
    if used >= bound.at_once + extra then
      return jsonb_build_object('kind', 'over_budget', 'whose', bound.whose, 'limit', 'at_once', 'allowed', bound.at_once + extra, 'used', used);
    end if;
  end loop;
  return null;
end $$;
