-- The other keys of the same server, for the same or for everybody, that Jules did not refuse: where a server moves what
-- waits. None for a person's key: nothing moves to or from it.
create or replace function verne.spare_keys(key_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'account', k.account_id, 'last4', k.last4) order by k.added_at), '[]')
    from verne.keys mine join public.guilds g on g.guild_id = mine.guild_id and g.key_rule = 'move'
    join verne.keys k on k.guild_id = mine.guild_id and k.account_id <> mine.account_id and k.revoked_at is null and k.problem_at is null
      and (k.role_id is null or k.role_id = mine.role_id) and (k.channel_id is null or k.channel_id = mine.channel_id)
    where mine.id = spare_keys.key_id);
end $$;
