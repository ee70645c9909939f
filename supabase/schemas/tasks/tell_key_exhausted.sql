-- Tasks wait for a key that has nothing left for the day, by what Verne counts or (`why`) by what Jules says: who can mend
-- that is told, once in 24 hours however many wait.
create or replace function verne.tell_key_exhausted(key_id uuid, why text default null) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  key uuid := (verne.find_key(tell_key_exhausted.key_id)).id; -- perhaps entered anew since
  account uuid := (verne.find_key(tell_key_exhausted.key_id)).account_id;
  mender jsonb := verne.who_mends(key);
  used record;
begin
  if mender ->> 'person' ~ '^[0-9]{15,20}$' is not true or not verne.note_key_exhausted(key) then
    return;
  end if;
  select * into used from verne.account_use(account);
  perform verne.add_message('key:' || key, 'note', 'key_exhausted', jsonb_build_object('place', 'dm', 'id', mender -> 'person'),
    jsonb_build_object('last4', mender -> 'last4', 'why', tell_key_exhausted.why, 'used', used.today, 'per_day', used.per_day,
      'back_at', verne.place_comes(1, used.per_day, verne.taken_places(account), interval '24 hours', verne.now())) || (mender -> 'about'),
    'key:' || key || ':exhausted:' || verne.now());
  perform verne.publish_event('key.exhausted', 'key:' || key, '{}', jsonb_build_object('source', 'tasks', 'level', 2));
end $$;
