-- Forgets a person in tasks: what they wrote and what came of it in words, and that it was they who asked or decided. Gives
-- back the subjects of the tasks that are shown anew for it: `own` that they asked for, and `others`.
create or replace function verne.forget_tasks(person text) returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  nobody text := '000000000000000000';
  own uuid[] := array(select t.id from public.tasks t where t.discord_user_id = person);
  others uuid[] := array(
    select t.id from public.tasks t where t.discord_user_id <> person and person in (t.decided_by, t.ended_by)
    union select a.task_id from verne.approvals a where a.approver = person and a.task_id <> all (own));
begin
  update public.tasks t set user_id = null, discord_user_id = nobody, prompt = '(forgotten)',
    last_error = case when t.last_error is not null then '(forgotten)' end,
    key_last4 = case t.key_owner when 'person' then '····' else t.key_last4 end
  where t.id = any (own);
  update public.tasks t set reason = null,
    decided_by = case t.decided_by when forget_tasks.person then nobody else t.decided_by end,
    ended_by = case t.ended_by when forget_tasks.person then nobody else t.ended_by end
  where t.id = any (own || others);
  -- While a task waits, an approval of nobody could be given twice by one person.
  delete from verne.approvals a using public.tasks t
  where a.approver = forget_tasks.person and t.id = a.task_id and (t.status = 'pending_confirmation'
    or exists (select from verne.approvals o where o.task_id = a.task_id and o.approver = nobody));
  update verne.approvals a set approver = nobody where a.approver = forget_tasks.person;
  update verne.history h set by = nobody where h.by = forget_tasks.person;
  update verne.instructions i set text = '(forgotten)', author = nobody, problem = null
  where i.author = forget_tasks.person or i.task_id = any (own);
  delete from verne.activities a where a.task_id = any (own);
  delete from verne.patches p where p.task_id = any (own);
  delete from verne.plans p where p.task_id = any (own);
  update verne.sessions s set progress = '{}' where s.task_id = any (own) and s.progress <> '{}';
  return jsonb_build_object('own', (select coalesce(jsonb_agg('task:' || id), '[]') from unnest(own) id),
    'others', (select coalesce(jsonb_agg('task:' || id), '[]') from unnest(others) id));
end $$;
