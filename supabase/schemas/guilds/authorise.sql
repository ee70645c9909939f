-- The one gate: the first statement of every function that acts for a person. Answers {kind: allowed} with what
-- applies to the actor, or {kind: not_permitted} with the roles that would be needed; a refusal is audited here.
create or replace function verne.authorise(actor jsonb, operation text, args jsonb default '{}') returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  if actor ->> 'guild' is null then
    perform verne.append_audit(actor, authorise.operation, 'refused: not_in_a_server', args);
    return jsonb_build_object('kind', 'not_in_a_server');
  end if;
  guild := verne.touch_guild(actor);
  if authorise.operation not like 'task.%' then -- a task's account is locked before the server's row, which this locks
    guild := verne.name_installer(actor, guild);
  end if;
  if verne.may(actor, authorise.operation, guild) is not true then
    perform verne.append_audit(actor, authorise.operation, 'refused: not_permitted', args);
    return jsonb_build_object('kind', 'not_permitted', 'operation', authorise.operation,
      'roles', case when authorise.operation in ('task.confirm', 'task.cancel') then guild.permissions -> 'confirm_roles'
        when authorise.operation = 'task.create' then (guild.permissions -> 'create_roles') || (guild.permissions -> 'confirm_roles')
        else '[]'::jsonb end);
  end if;
  return jsonb_build_object('kind', 'allowed') || verne.standing(actor, guild);
end $$;
