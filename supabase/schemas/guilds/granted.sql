-- Whether one of an actor's roles was granted an operation here. `scope` (repo, branch) is what is known of where; what is
-- not known yet is asked again when it is.
create or replace function verne.granted(actor jsonb, operation text, scope jsonb) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return exists (
    select from verne.grants g
    where g.guild_id = actor ->> 'guild' and actor -> 'roles' ? g.role_id
      and (g.operation = granted.operation or exists (
        select from verne.role_operations o where o.role = g.role and o.operation = granted.operation))
      and (g.channel_id is null or g.channel_id in (actor ->> 'channel', actor ->> 'parent_channel'))
      and (g.repo is null or scope ->> 'repo' is null or verne.fits(scope ->> 'repo', g.repo))
      and (g.branch is null or scope ->> 'branch' is null or verne.fits(scope ->> 'branch', g.branch)));
end $$;
