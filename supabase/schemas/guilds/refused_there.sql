-- Why an actor who may do an operation somewhere may not do it on this repository and branch; null where they may.
create or replace function verne.refused_there(actor jsonb, operation text, scope jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  if verne.may(actor, refused_there.operation, guild, scope) is not true then
    return verne.needed_roles(actor, refused_there.operation, guild) || jsonb_build_object('repo', scope -> 'repo', 'branch', scope -> 'branch');
  end if;
  return case when refused_there.operation = 'task.create' then verne.out_of_bounds(actor, scope) end;
end $$;
