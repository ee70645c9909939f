-- Revokes keys of a server or of a person, and destroys what opens them. `which`: `all`; or those with these `last4`; or
-- those of one `slot` {role, channel} and, wherever it stands, of one `account`. Says how many there were.
create or replace function verne.revoke_keys(guild_id text, owner_id text, which jsonb) returns int
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare gone int;
begin
  update verne.keys k set revoked_at = verne.now(), sealed = null, wrapped = null
  where k.id in (
    select m.id from verne.keys m
    where m.revoked_at is null and m.guild_id is not distinct from revoke_keys.guild_id and m.owner_id is not distinct from revoke_keys.owner_id
      and ((which ->> 'all')::boolean is true or m.last4 = which ->> 'last4' or m.account_id = (which ->> 'account')::uuid
        or which ? 'slot' and m.role_id is not distinct from which -> 'slot' ->> 'role'
          and m.channel_id is not distinct from which -> 'slot' ->> 'channel')
    order by m.id for no key update); -- in one order, as whoever writes of several
  get diagnostics gone = row_count;
  return gone;
end $$;
