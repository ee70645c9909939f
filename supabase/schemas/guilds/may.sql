-- Whether an actor may do an operation here: by Manage Server, by the server's lists of roles, or by a grant. Until a list
-- is set, Manage Server may what it is about; who may confirm may create. Asked with `is true`: null refuses.
create or replace function verne.may(actor jsonb, operation text, guild public.guilds, scope jsonb default '{}') returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  list text := case when operation in ('task.confirm', 'task.cancel', 'task.steer') then 'confirm_roles'
    when operation in ('task.create', 'task.steer_own') then 'create_roles' end;
  administers boolean := coalesce((actor ->> 'admin')::boolean, false);
begin
  if actor ->> 'guild' is distinct from guild.guild_id then
    return false;
  end if;
  if operation in ('task.read', 'task.withdraw', 'task.edit', 'settings.read', 'own.change') then
    return true; -- of everybody: task.withdraw, task.edit and own.change are asked only for one's own
  end if;
  if list is null and administers and operation in ('settings.change', 'guild.pause', 'limits.raise', 'audit.read') then
    return true;
  end if;
  if jsonb_array_length(guild.permissions -> list) = 0 and administers
    or jsonb_exists_any(actor -> 'roles', array(select jsonb_array_elements_text(guild.permissions -> list))) then
    return true;
  end if;
  -- Limits are the whole server's, so it takes one who may confirm everywhere in it.
  if operation = 'limits.raise' and verne.may(actor, 'task.confirm', guild, null) is true then
    return true;
  end if;
  return verne.granted(actor, operation, scope)
    or operation in ('task.create', 'task.steer_own') and verne.may(actor, 'task.confirm', guild, scope);
end $$;
