-- Sets, or with a null repo forgets, the repository that a person or a channel uses when none is named.
create or replace function public.choose_repo(actor jsonb, kind text, id text, repo text default null, branch text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case choose_repo.kind when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_build_object('kind', choose_repo.kind, 'id', choose_repo.id, 'repo', choose_repo.repo, 'branch', choose_repo.branch);
  gate jsonb := verne.authorise(actor, operation, args);
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  delete from verne.repo_choices r
  where r.guild_id = gate ->> 'guild_id' and r.kind = choose_repo.kind
    and r.id = case choose_repo.kind when 'person' then actor ->> 'id' else choose_repo.id end;
  if choose_repo.repo is not null then
    insert into verne.repo_choices (guild_id, kind, id, repo, branch)
    values (gate ->> 'guild_id', choose_repo.kind,
      case choose_repo.kind when 'person' then actor ->> 'id' else choose_repo.id end, choose_repo.repo, choose_repo.branch);
  end if;
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.choose_repo from public, anon, authenticated;
grant execute on function public.choose_repo to service_role, verne_worker;
