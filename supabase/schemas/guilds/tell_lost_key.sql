-- Tells who can mend it that a key cannot be opened any more: its master key is `lost`, or its seal is `broken`. False
-- where there is nobody to tell.
create or replace function verne.tell_lost_key(key verne.keys, why text) returns boolean
language plpgsql set search_path = '' as $$
declare person text := coalesce(key.owner_id, key.added_by);
begin
  if person !~ '^[0-9]{15,20}$' then
    return false;
  end if;
  perform verne.add_message('key:' || key.id, 'note', 'key_lost', jsonb_build_object('place', 'dm', 'id', person),
    jsonb_strip_nulls(jsonb_build_object('last4', key.last4, 'why', why, 'guild_id', key.guild_id)), 'key:' || key.id || ':' || why);
  perform verne.publish_event('key.refused', 'key:' || key.id, '{}', jsonb_build_object('source', 'guilds', 'level', 2));
  return true;
end $$;
