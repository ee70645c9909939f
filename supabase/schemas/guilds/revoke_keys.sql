-- Revokes keys of a server or of a person, and destroys what opens them. `which`: `all`; or those with these `last4`; or
-- those of one `slot` {role, channel} and, wherever it stands, of one `account`. Says how many there were.
create or replace function verne.revoke_keys(guild_id text, owner_id text, which jsonb) returns int
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare gone int;
begin
  update verne.keys k set revoked_at = verne.now(), sealed = null, wrapped = null
  where k.revoked_at is null and k.guild_id is not distinct from revoke_keys.guild_id and k.owner_id is not distinct from revoke_keys.owner_id
    and ((which ->> 'all')::boolean is true or k.last4 = which ->> 'last4' or k.account_id = (which ->> 'account')::uuid
      or which ? 'slot' and k.role_id is not distinct from which -> 'slot' ->> 'role'
        and k.channel_id is not distinct from which -> 'slot' ->> 'channel');
  get diagnostics gone = row_count;
  return gone;
end $$;
