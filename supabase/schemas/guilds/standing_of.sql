-- The standing of an actor without acting: nothing is made, nothing is audited. Null where the server is unknown.
create or replace function verne.standing_of(actor jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select verne.standing(actor, g) || jsonb_build_object('may_create', verne.may(actor, 'task.create', g) is true)
    from public.guilds g where g.guild_id = actor ->> 'guild');
end $$;
