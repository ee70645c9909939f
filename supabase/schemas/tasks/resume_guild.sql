-- The end of a pause, of one server or of all (`every`): what waited is admitted, what was opened goes on. At the beginning
-- of one only the cards of what it holds are told; those of the queue look by themselves. What waits for a decision has its
-- hours kept by a pause, so its card is told both times.
create or replace function public.resume_guild(guild_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare waiting record;
begin
  -- Whoever writes of many tasks has their accounts first, in one order; facts of tasks come before those of accounts.
  perform verne.lock_account(a.account_id) from (
    select s.account_id from verne.sessions s where s.ended_at is null and resume_guild.guild_id in (s.tenant, 'every')
    union
    select t.account_id from public.tasks t
    where t.status = 'pending_confirmation' and resume_guild.guild_id in (verne.tenant_of(t.guild_id), 'every')
    order by account_id) a;
  for waiting in
    select s.task_id, s.tenant, s.phase, verne.is_paused(s.tenant) as held from verne.sessions s
    where s.ended_at is null and s.phase <> 'queued' and resume_guild.guild_id in (s.tenant, 'every')
    union all
    select t.id, g.tenant, 'undecided', false from public.tasks t cross join lateral (select verne.tenant_of(t.guild_id) as tenant) g
    where t.status = 'pending_confirmation' and resume_guild.guild_id in (g.tenant, 'every')
    order by task_id
  loop
    continue when waiting.held and waiting.phase not in ('opening', 'approving');
    perform verne.publish_event(case when waiting.phase = 'undecided' then 'task.updated' when waiting.held then 'session.delayed'
        when waiting.phase = 'opening' then 'task.admitted' else 'session.moved' end,
      'task:' || waiting.task_id, '{}', jsonb_build_object('tenant', waiting.tenant, 'source', 'tasks'));
  end loop;
  for waiting in
    select distinct s.account_id from verne.sessions s
    where s.ended_at is null and resume_guild.guild_id in (s.tenant, 'every') order by s.account_id
  loop
    perform verne.publish_event('account.watched', 'account:' || waiting.account_id, '{}', jsonb_build_object('source', 'tasks'));
  end loop;
  return jsonb_build_object('kind', 'resumed');
end $$;
revoke all on function public.resume_guild from public, anon, authenticated;
grant execute on function public.resume_guild to service_role, verne_worker;
