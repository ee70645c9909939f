-- What the sweep of an account watches for: how many sessions live or ended lately, since when, and strays to archive.
create or replace function public.read_account(account_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'key_id', (select s.key_id from verne.sessions s where s.account_id = a.id order by s.queued_at desc limit 1),
    'live', count(*) filter (where s.ended_at is null and s.name is not null),
    'recent', count(*) filter (where s.ended_at > verne.now() - interval '6 hours' and s.name is not null),
    'oldest_at', min(s.opened_at) filter (where s.ended_at is null or s.ended_at > verne.now() - interval '6 hours'),
    'strays', (select coalesce(jsonb_agg(x.name), '[]') from verne.strays x join verne.sessions xs on xs.task_id = x.task_id
      where xs.account_id = a.id and x.archived_at is null),
    'now', verne.now())
  from (select read_account.account_id::uuid as id) a left join verne.sessions s on s.account_id = a.id
  group by a.id
$$;
revoke all on function public.read_account from public, anon, authenticated;
grant execute on function public.read_account to service_role, verne_worker;
