-- What each master key once sealed, and how many keys only it opens. One that a release before this table used has no
-- known answer: some of its keys are there instead.
create or replace function public.read_master_keys() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('version', v.version, 'known_answer', m.known_answer, 'keys', v.count,
      'samples', case when m.version is null then (
          select jsonb_agg(verne.sealed_key(k)) from (
            select * from verne.keys k where k.kek_version = v.version and k.revoked_at is null order by k.added_at desc limit 20) k)
        else '[]' end) order by v.version), '[]')
    from (
      select x.version, max(x.count) as count from (
        select k.kek_version as version, count(*) as count from verne.keys k where k.revoked_at is null group by k.kek_version
        union all select m.version, 0 from verne.master_keys m) x group by x.version) v
    left join verne.master_keys m on m.version = v.version);
end $$;
revoke all on function public.read_master_keys from public, anon, authenticated;
grant execute on function public.read_master_keys to service_role, verne_worker;
