-- Who can mend a key: the person whose it is, or who entered the server's. Null where it is gone. `about` is what a message of it is about: of a server
-- that has removed the bot none is sent.
create or replace function verne.who_mends(key_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('person', coalesce(k.owner_id, k.added_by), 'last4', k.last4, 'since', k.problem_at,
      'about', jsonb_strip_nulls(jsonb_build_object('guild_id', k.guild_id)))
    from verne.keys k where k.id = who_mends.key_id and k.revoked_at is null);
end $$;
