set check_function_bodies = off;

-- Whether a repository and branch are known to be wrong for the key that this person would use. Persists nothing; where
-- nothing is known, or the person may not ask for tasks, the answer is `unchecked`.
create or replace function public.check_target(actor jsonb, repo text, branch text default null) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  standing jsonb := verne.standing_of(actor);
  target jsonb;
begin
  if (standing ->> 'may_create')::boolean is not true or standing -> 'key' = 'null'::jsonb then
    return jsonb_build_object('kind', 'unchecked');
  end if;
  target := verne.choose_target(standing, jsonb_build_object('repo', check_target.repo, 'branch', check_target.branch));
  return case when target ->> 'kind' = 'target' then jsonb_build_object('kind', 'unchecked') else target end;
end $$;
revoke all on function public.check_target from public, anon, authenticated;
grant execute on function public.check_target to service_role, verne_worker;

reset check_function_bodies;
