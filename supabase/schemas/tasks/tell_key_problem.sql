-- Jules refuses a key: who can mend it is told, once until it works again.
create or replace function verne.tell_key_problem(key_id uuid, problem text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare mender jsonb;
begin
  if not verne.note_key_problem(tell_key_problem.key_id, tell_key_problem.problem) then
    return;
  end if;
  mender := verne.who_mends(tell_key_problem.key_id);
  if mender ->> 'person' ~ '^[0-9]{15,20}$' then
    perform verne.add_message('key:' || tell_key_problem.key_id, 'note', 'key_refused', jsonb_build_object('place', 'dm', 'id', mender -> 'person'),
      jsonb_build_object('last4', mender -> 'last4', 'problem', tell_key_problem.problem) || (mender -> 'about'),
      'key:' || tell_key_problem.key_id || ':refused:' || (mender ->> 'since'));
  end if;
  perform verne.publish_event('key.refused', 'key:' || tell_key_problem.key_id, '{}', jsonb_build_object('source', 'tasks', 'level', 2));
end $$;
