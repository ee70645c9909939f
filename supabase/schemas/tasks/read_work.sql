-- What a worker needs to open or follow a task's session; null where the task has none.
create or replace function public.read_work(task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('task_id', t.id, 'number', t.number, 'status', t.status, 'prompt', t.prompt, 'repo', t.repo,
      'branch', t.branch, 'pr_url', t.pr_url, 'pr_source', t.pr_source, 'last_error', t.last_error, 'channel_id', t.channel_id, 'guild_id', s.tenant,
      'account_id', s.account_id, 'key_id', s.key_id, 'paused', verne.is_paused(s.tenant),
      'phase', s.phase, 'marker', s.marker, 'attempts', s.attempts, 'attempted_at', s.attempted_at, 'recreated', s.recreated,
      'name', s.name, 'jules_state', s.jules_state, 'progress', s.progress, 'activities_until', s.activities_until,
      'moved_at', s.moved_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
      'finishing_since', s.finishing_since, 'approval_sent_at', s.approval_sent_at, 'silent_at', s.silent_at, 'missing_since', s.missing_since, 'deleted_at', s.deleted_at,
      'ended_at', s.ended_at, 'archived_at', s.archived_at, 'reported_pr', s.reported_pr, 'revision', s.revision,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      'telling', exists (select from verne.instructions i where i.task_id = t.id and i.state = 'waiting' and i.attempted_at is not null),
      'plan_review', t.plan_review, 'plan_hash', verne.newest_plan(t.id), 'approved_hash', s.approved_hash,
      -- What Jules did after its newest plan: one that was never approved leaves nothing behind it.
      'acted', exists (select from verne.activities a where a.task_id = t.id and a.kind not in ('planGenerated', 'userMessaged')
        and a.created_at > (select max(p.created_at) from verne.activities p where p.task_id = t.id and p.kind = 'planGenerated')),
      -- Jules is asked again from a moment before the last activity that is known: these are the ones that come again.
      'known', (select coalesce(jsonb_agg(a.name), '[]') from verne.activities a
        where a.task_id = t.id and a.created_at > s.activities_until - interval '5 seconds'),
      'source', (select jsonb_build_object('name', c.name, 'branches', c.branches)
        from verne.sources c where c.key_id = s.key_id and lower(c.repo) = lower(t.repo)))
    from public.tasks t join verne.sessions s on s.task_id = t.id
    where t.id = read_work.task_id::uuid);
end $$;
revoke all on function public.read_work from public, anon, authenticated;
grant execute on function public.read_work to service_role, verne_worker;
