-- Whom a server wants to be told of what waits for its approvers: roles and people, as its settings say.
create or replace function verne.standing_notice(guild uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('guild_id', g.guild_id,
      'roles', case g.approver_notice when 'role' then g.permissions -> 'confirm_roles' else '[]' end,
      'people', case when g.approver_notice in ('people', 'dm') then to_jsonb(g.approver_people) else '[]' end)
    from public.guilds g where g.id = standing_notice.guild);
end $$;
