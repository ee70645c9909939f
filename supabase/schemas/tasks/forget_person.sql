-- Forgets a person who asks for it: who they are, their keys and choices, what they wrote. Their open tasks must have ended.
-- The audit keeps what was done under a pseudonym that leads nowhere any more, so its chain still verifies.
create or replace function public.forget_person(actor jsonb, person text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  open int[];
  subjects jsonb;
  own text[];
  keys uuid[];
begin
  if actor ->> 'door' is distinct from 'operator' then
    return jsonb_build_object('kind', 'not_permitted', 'operation', 'person.forget', 'roles', '[]'::jsonb);
  end if;
  perform verne.hold_person(forget_person.person); -- an act of theirs is over by now, or comes after all of this
  select array_agg(t.number order by t.number) into open from public.tasks t
  where t.discord_user_id = forget_person.person and t.status in ('pending_confirmation', 'in_progress');
  if open is not null then
    return jsonb_build_object('kind', 'has_open_tasks', 'numbers', to_jsonb(open));
  end if;
  subjects := verne.forget_tasks(forget_person.person);
  own := array(select jsonb_array_elements_text(subjects -> 'own'));
  perform verne.forget_messages(forget_person.person, own);
  perform verne.forget_facts(forget_person.person, own);
  perform verne.publish_event('task.updated', shown, '{}', jsonb_build_object('source', 'tasks')) -- its card is shown anew
  from jsonb_array_elements_text(subjects -> 'own' || (subjects -> 'others')) shown;
  keys := verne.forget_identity(forget_person.person);
  delete from verne.sources s where s.key_id = any (keys);
  delete from verne.source_lists s where s.key_id = any (keys);
  perform verne.append_audit(actor, 'person.forget', 'allowed', jsonb_build_object('person', forget_person.person));
  perform verne.forget_name(forget_person.person);
  return jsonb_build_object('kind', 'forgotten', 'tasks', cardinality(own));
end $$;
revoke all on function public.forget_person from public, anon, authenticated;
grant execute on function public.forget_person to service_role, verne_worker;
