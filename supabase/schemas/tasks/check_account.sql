-- Fills the places that time has freed in an account, and says what its sweep must watch for: sessions that live, wait
-- or ended lately, since when, openings that may still land, strays to archive, and a key that still opens.
create or replace function public.check_account(account_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.admit_tasks(check_account.account_id::uuid);
  return (
    with watched as (
      select s.*, s.ended_at is null as lives from verne.sessions s
      where s.account_id = check_account.account_id::uuid and (s.ended_at is null or s.ended_at > verne.now() - interval '1 day'))
    select jsonb_build_object(
      'key_id', (select w.key_id from watched w where verne.key_opens(w.key_id) order by verne.key_refused(w.key_id), w.queued_at desc limit 1),
      'live', count(*) filter (where w.lives and w.name is not null),
      'waiting', count(*) filter (where w.lives and w.name is null),
      'recent', count(*) filter (where not w.lives and (w.ended_at > verne.now() - interval '6 hours' and w.name is not null
        or w.name is null and w.attempts > 0)),
      'oldest_at', min(coalesce(w.opened_at, w.admitted_at)),
      'strays', (select coalesce(jsonb_agg(x.name), '[]') from verne.strays x join verne.sessions xs on xs.task_id = x.task_id
        where xs.account_id = check_account.account_id::uuid and x.archived_at is null))
    from watched w);
end $$;
revoke all on function public.check_account from public, anon, authenticated;
grant execute on function public.check_account to service_role, verne_worker;
