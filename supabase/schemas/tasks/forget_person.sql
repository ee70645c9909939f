-- Forgets a person who asks for it: who they are, their keys and choices, what they wrote. Their open tasks must have ended.
-- The audit keeps what was done under a pseudonym that leads nowhere any more, so its chain still verifies.
create or replace function public.forget_person(actor jsonb, person text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  nobody text := '000000000000000000';
  open int;
  task record;
begin
  if actor ->> 'door' is distinct from 'operator' then
    return jsonb_build_object('kind', 'not_permitted', 'operation', 'person.forget', 'roles', '[]'::jsonb);
  end if;
  select count(*) into open from public.tasks t
  where t.discord_user_id = forget_person.person and t.status in ('pending_confirmation', 'in_progress');
  if open > 0 then
    return jsonb_build_object('kind', 'has_open_tasks', 'count', open);
  end if;
  perform verne.forget_messages(forget_person.person);
  for task in
    update public.tasks t set user_id = case when t.discord_user_id <> forget_person.person then t.user_id end,
      discord_user_id = case t.discord_user_id when forget_person.person then nobody else t.discord_user_id end,
      prompt = case t.discord_user_id when forget_person.person then '(forgotten)' else t.prompt end,
      reason = case when forget_person.person not in (t.discord_user_id, t.decided_by) then t.reason end,
      decided_by = case t.decided_by when forget_person.person then nobody else t.decided_by end,
      ended_by = case t.ended_by when forget_person.person then nobody else t.ended_by end
    where forget_person.person in (t.discord_user_id, t.decided_by, t.ended_by)
    returning t.id
  loop
    perform verne.publish_event('task.updated', 'task:' || task.id, '{}', jsonb_build_object('source', 'tasks')); -- its card is shown anew
  end loop;
  delete from verne.approvals a where a.approver = forget_person.person;
  perform verne.forget_facts(forget_person.person);
  perform verne.append_audit(actor, 'person.forget', 'allowed', jsonb_build_object('person', forget_person.person));
  perform verne.forget_identity(forget_person.person);
  return jsonb_build_object('kind', 'forgotten');
end $$;
revoke all on function public.forget_person from public, anon, authenticated;
grant execute on function public.forget_person to service_role, verne_worker;
