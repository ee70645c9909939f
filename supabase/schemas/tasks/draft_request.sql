-- What a dialog for a request begins with: the repository and branch that would be used. Or why a request of this actor would
-- be refused now, so that nobody writes one in vain. It makes, changes and audits nothing. `wish`: repo, branch.
create or replace function public.draft_request(actor jsonb, wish jsonb default '{}') returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  standing jsonb := verne.standing_of(actor);
  refusal jsonb := verne.would_refuse(actor, 'task.create', jsonb_build_object('repo', wish -> 'repo', 'branch', wish -> 'branch', 'verb', 'confirm'));
  target jsonb;
begin
  if refusal is not null then
    return refusal;
  end if;
  if coalesce(standing -> 'key', 'null'::jsonb) = 'null'::jsonb then
    return jsonb_build_object('kind', 'no_key');
  end if;
  target := verne.choose_target(standing || jsonb_build_object('key', verne.choose_key(standing -> 'keys')), wish);
  refusal := case target ->> 'kind' when 'target' then verne.refused_there(actor, 'task.create', target) when 'no_repo' then null else target end;
  return coalesce(refusal, verne.over_budget(actor, verne.spent_by(actor ->> 'id', (standing ->> 'guild')::uuid)),
    jsonb_build_object('kind', 'draft', 'repo', target -> 'repo', 'branch', target -> 'branch', 'from', target -> 'from'));
end $$;
revoke all on function public.draft_request from public, anon, authenticated;
grant execute on function public.draft_request to service_role, verne_worker;
