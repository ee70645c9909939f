-- A task as cards and doors show it: its state, its session, its plan, and the verbs that it may be asked to do.
create or replace function verne.task_view(task_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object(
      'id', t.id, 'number', t.number, 'status', t.status, 'revision', t.revision,
      'prompt', t.prompt, 'repo', t.repo, 'branch', t.branch, 'repo_from', t.repo_from,
      'requester', t.discord_user_id, 'channel_id', t.channel_id, 'created_at', t.created_at,
      'key', jsonb_build_object('owner', t.key_owner, 'last4', t.key_last4),
      'decided_by', t.decided_by, 'decided_at', t.decided_at, 'ended_by', t.ended_by, 'reason', t.reason,
      'pr_url', t.pr_url, 'pr_source', t.pr_source, 'last_error', t.last_error,
      'session', case when s.task_id is not null then jsonb_build_object(
        'phase', s.phase, 'name', s.name, 'url', s.url, 'jules_state', s.jules_state, 'progress', s.progress,
        'queue', verne.queue_facts(s), 'moved_at', s.moved_at, 'opened_at', s.opened_at, 'approved_at', s.approved_at,
        'ended_at', s.ended_at, 'recreated', s.recreated, 'resumes', s.resumes, 'question', verne.open_question(s),
        'silence', verne.open_silence(s), 'pr_wanting', verne.pull_request_wanting(t, s), 'deleted', s.deleted_at is not null,
        'plan_approved_by', s.approved_by, 'untold', (select count(*) from verne.instructions i where i.task_id = t.id and i.state = 'waiting'),
        -- What is about to begin stands still in a pause; what was asked of Jules by then goes on.
        'paused', case when s.phase in ('queued', 'opening', 'approving') and s.attempted_at is null and s.ended_at is null then
          case when verne.is_paused('') then 'everywhere' when verne.is_paused(s.tenant) then 'here' end end,
        -- Where its intent still stands, nobody could look for what came of it: the key is gone.
        'unsure_because', case when s.phase = 'unsure' then case when s.attempted_at is null then 'attempts' else 'key' end end) end,
      'plan', (select p.steps from verne.plans p where p.task_id = t.id order by p.created_at desc limit 1),
      'plan_hash', left(verne.newest_plan(t.id), 12), 'plan_review', t.plan_review, 'plan_from', t.plan_from,
      'edits', t.edits, 'edited', case when t.edits > 0 then jsonb_build_object('at', t.edited_at, 'void', t.edited_after) end,
      'parent', (select jsonb_build_object('id', o.id, 'number', o.number, 'as', t.origin) from public.tasks o where o.id = t.parent),
      'children', (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'number', o.number, 'as', o.origin) order by o.number desc), '[]')
        from public.tasks o where o.parent = t.id),
      'policy', jsonb_build_object('approvals', t.approvals_needed, 'self_approval', t.self_approval, 'expires_at', verne.waits_until(t)),
      'stands_still', t.status = 'pending_confirmation' and verne.stands_still(verne.tenant_of(t.guild_id)),
      'approvals', (select coalesce(jsonb_agg(jsonb_build_object('by', a.approver, 'at', a.at) order by a.at, a.approver), '[]')
        from verne.approvals a where a.task_id = t.id),
      'quota', (select jsonb_build_object('today', u.today, 'per_day', u.per_day, 'running', u.running, 'at_once', u.at_once)
        from verne.account_use(t.account_id) u where t.status = 'in_progress' and s.ended_at is null),
      'verbs', verne.session_verbs(t, s) || (select coalesce(jsonb_agg(m.verb order by m.verb), '[]') from verne.transitions m
        where m.noun = 'task' and m.from_state = t.status and m.operation is not null),
      'now', verne.now())
    from public.tasks t left join verne.sessions s on s.task_id = t.id
    where t.id = task_view.task_id);
end $$;
