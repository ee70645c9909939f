-- Whether the actor's roles allow an operation. Until roles are set only Manage Server may; a confirm role implies create.
-- Asked with `is true`: null refuses.
create or replace function verne.may(actor jsonb, operation text, guild public.guilds) returns boolean
language plpgsql immutable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    with allowed as (select
      coalesce(case when jsonb_array_length(guild.permissions -> 'confirm_roles') = 0 then (actor ->> 'admin')::boolean
        else exists (select from jsonb_array_elements_text(guild.permissions -> 'confirm_roles') role(id) where actor -> 'roles' ? role.id) end, false) as confirm,
      coalesce(case when jsonb_array_length(guild.permissions -> 'create_roles') = 0 then (actor ->> 'admin')::boolean
        else exists (select from jsonb_array_elements_text(guild.permissions -> 'create_roles') role(id) where actor -> 'roles' ? role.id) end, false) as create)
    select actor ->> 'guild' = guild.guild_id and case operation
      when 'task.create' then allowed.create or allowed.confirm
      when 'task.confirm' then allowed.confirm
      when 'task.cancel' then allowed.confirm
      when 'task.read' then true
      when 'task.withdraw' then true -- asked only for one's own
      when 'settings.read' then true
      when 'settings.change' then (actor ->> 'admin')::boolean
      when 'own.change' then true
      else false end
    from allowed);
end $$;
