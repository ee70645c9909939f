-- Whether one of an actor's roles was granted an operation here. `scope` (repo, branch, channel) is what is known of where;
-- what is not known yet is asked again when it is. A null scope is everywhere: only a grant without limits is as wide.
create or replace function verne.granted(actor jsonb, operation text, scope jsonb) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return exists (
    select from verne.grants_for(actor ->> 'guild', granted.operation) g
    where actor -> 'roles' ? g.role_id
      and (scope is not null or num_nonnulls(g.repo, g.branch, g.channel_id) = 0)
      and (g.channel_id is null or verne.acts_in(actor, scope, g.channel_id))
      and (g.repo is null or scope ->> 'repo' is null or verne.fits(lower(scope ->> 'repo'), lower(g.repo)))
      and (g.branch is null or scope ->> 'branch' is null or verne.fits(scope ->> 'branch', g.branch)));
end $$;
