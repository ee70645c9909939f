-- What of a wish is outside what a server keeps to: 'channel', 'repo' or 'branch' with what is allowed; null where nothing is.
create or replace function verne.out_of_bounds(actor jsonb, scope jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare broken text;
begin
  select l.kind into broken from verne.allow_lists l where l.guild_id = actor ->> 'guild'
  group by l.kind having not bool_or(case l.kind
    when 'channel' then verne.acts_in(actor, scope, l.pattern)
    when 'repo' then scope ->> 'repo' is null or verne.fits(lower(scope ->> 'repo'), lower(l.pattern))
    else scope ->> 'branch' is null or verne.fits(scope ->> 'branch', l.pattern) end) is true
  order by l.kind limit 1;
  if broken is null then
    return null;
  end if;
  return jsonb_build_object('kind', 'out_of_bounds', 'what', broken, 'allowed', (
    select jsonb_agg(l.pattern order by l.pattern) from verne.allow_lists l
    where l.guild_id = actor ->> 'guild' and l.kind = broken));
end $$;
