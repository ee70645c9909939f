-- For how long, since an instant, a server stood still: in pauses of its own and of the service, those that last included.
create or replace function verne.paused_since(guild_id text, since timestamptz) returns interval
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare instant timestamptz := verne.now();
begin
  return (
    select coalesce(sum(upper(still) - lower(still)), '0') from unnest((
      select range_agg(tstzrange(greatest(p.since, paused_since.since), coalesce(p.until, instant))) from verne.pauses p
      where p.guild_id in (paused_since.guild_id, '') and coalesce(p.until, instant) > greatest(p.since, paused_since.since))) still);
end $$;
