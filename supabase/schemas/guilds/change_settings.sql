-- Changes the settings named in `changes` and leaves the rest: create_roles, confirm_roles, default_repo, default_branch,
-- approver_notice, approver_people, approvals_needed, self_approval, expire_hours, key_rule, plan_review, language.
create or replace function public.change_settings(actor jsonb, changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare gate jsonb := verne.authorise(actor, 'settings.change', changes);
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  update public.guilds g set
    permissions = g.permissions
      || case when changes ? 'create_roles' then jsonb_build_object('create_roles', changes -> 'create_roles') else '{}' end
      || case when changes ? 'confirm_roles' then jsonb_build_object('confirm_roles', changes -> 'confirm_roles') else '{}' end,
    default_repo = case when changes ? 'default_repo' then changes ->> 'default_repo' else g.default_repo end,
    default_branch = coalesce(changes ->> 'default_branch', g.default_branch),
    approver_notice = coalesce(changes ->> 'approver_notice', g.approver_notice),
    approver_people = case when changes ? 'approver_people'
      then array(select jsonb_array_elements_text(changes -> 'approver_people')) else g.approver_people end,
    approvals_needed = coalesce((changes ->> 'approvals_needed')::int, g.approvals_needed),
    self_approval = coalesce((changes ->> 'self_approval')::boolean, g.self_approval),
    expire_hours = coalesce((changes ->> 'expire_hours')::int, g.expire_hours),
    key_rule = coalesce(changes ->> 'key_rule', g.key_rule),
    plan_review = coalesce((changes ->> 'plan_review')::boolean, g.plan_review),
    language = coalesce(changes ->> 'language', g.language)
  where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.change', 'allowed', changes);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_settings from public, anon, authenticated;
grant execute on function public.change_settings to service_role, verne_worker;
