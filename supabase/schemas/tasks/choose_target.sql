-- The repository and branch of a request: option, else person, channel, server. Known to be wrong is said at once;
-- where the list of repositories is older than 15 minutes, the worker checks instead.
create or replace function verne.choose_target(standing jsonb, wish jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  choice jsonb := case when wish ->> 'repo' is not null
    then jsonb_build_object('from', 'option', 'repo', wish ->> 'repo') else standing -> 'repos' -> 0 end;
  mine uuid := (standing -> 'key' ->> 'id')::uuid;
  source verne.sources;
  branch text;
  is_fresh boolean;
begin
  if choice is null then
    return jsonb_build_object('kind', 'no_repo');
  end if;
  select * into source from verne.sources s where s.key_id = mine and lower(s.repo) = lower(choice ->> 'repo');
  select l.listed_at > verne.now() - interval '15 minutes' and l.problem is null into is_fresh
  from verne.source_lists l where l.key_id = mine;
  if source.name is null and is_fresh then
    return jsonb_build_object('kind', 'unknown_repo', 'repo', choice ->> 'repo', 'repos', (
      select coalesce(jsonb_agg(near.repo), '[]') from (select s.repo from verne.sources s
        where s.key_id = mine order by s.repo limit 5) near));
  end if;
  branch := coalesce(wish ->> 'branch', choice ->> 'branch', source.default_branch, 'main');
  -- A server that named no branch has 'main', which not every repository has.
  if wish ->> 'branch' is null and choice ->> 'from' = 'server' and branch = 'main'
    and cardinality(source.branches) > 0 and not branch = any (source.branches) then
    branch := coalesce(source.default_branch, branch);
  end if;
  if is_fresh and cardinality(source.branches) > 0 and not branch = any (source.branches) then
    return jsonb_build_object('kind', 'unknown_branch', 'repo', source.repo, 'branch', branch,
      'branches', to_jsonb(source.branches[1:5]));
  end if;
  return jsonb_build_object('kind', 'target', 'repo', coalesce(source.repo, choice ->> 'repo'), 'branch', branch, 'from', choice ->> 'from');
end $$;
