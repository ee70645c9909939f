-- What Jules lists for a key, replacing what it listed before; or why it could not be asked; `tell`: whoever can mend
-- the key hears of it, once.
create or replace function public.record_sources(key_id text, sources jsonb, problem text default null, tell jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  insert into verne.source_lists as list (key_id, listed_at, problem)
  values (record_sources.key_id::uuid, case when record_sources.problem is null then verne.now() end, record_sources.problem)
  on conflict (key_id) do update set listed_at = coalesce(excluded.listed_at, list.listed_at), problem = excluded.problem;
  if record_sources.problem is not null then
    if tell is not null then
      perform verne.tell_key_problem(record_sources.key_id::uuid, record_sources.problem);
    end if;
    return jsonb_build_object('kind', 'recorded');
  end if;
  perform verne.note_key_works(a.account) from (select (verne.find_key(record_sources.key_id::uuid)).account_id as account) a;
  delete from verne.sources s where s.key_id = record_sources.key_id::uuid;
  insert into verne.sources (key_id, name, repo, default_branch, branches)
  select record_sources.key_id::uuid, x.name, x.repo, x.default_branch, coalesce(x.branches, '{}')
  from jsonb_to_recordset(record_sources.sources) x(name text, repo text, default_branch text, branches text[])
  on conflict do nothing;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_sources from public, anon, authenticated;
grant execute on function public.record_sources to service_role, verne_worker;
