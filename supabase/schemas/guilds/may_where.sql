-- In which of many places (repo, branch, channel) an actor may do an operation; for lists, which would ask too often one by one.
create or replace function verne.may_where(actor jsonb, operation text, places jsonb) returns setof jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  return query select p.place from jsonb_array_elements(places) p(place)
    where verne.may(actor, may_where.operation, guild, p.place) is true;
end $$;
