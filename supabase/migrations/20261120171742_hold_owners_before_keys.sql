set check_function_bodies = off;

-- Takes the rows of those whose keys are to be written, before the keys: people, then servers, each in one order. They show
-- the keys' masks; and an act may hold its server's row before it comes to a key.
create or replace function verne.hold_owners(guild_ids text[], owner_ids text[]) returns void
language plpgsql set search_path = '' as $$
begin
  perform from public.users u where u.discord_id = any (hold_owners.owner_ids) order by u.discord_id for no key update;
  perform from public.guilds g where g.guild_id = any (hold_owners.guild_ids) order by g.guild_id for no key update;
end $$;

-- The first who is seen with Manage Server stands as the one who set the server up.
create or replace function verne.name_installer(actor jsonb, guild public.guilds) returns public.guilds
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare named public.guilds;
begin
  if guild.installer_user_id is not null or (actor ->> 'admin')::boolean is not true
    or actor ->> 'door' in ('gateway', 'http') is not true then
    return guild;
  end if;
  perform from public.users u where u.discord_id = actor ->> 'id' for no key update; -- people before servers, as with keys
  update public.guilds g set installer_user_id = u.id from public.users u
  where g.id = name_installer.guild.id and g.installer_user_id is null and u.discord_id = actor ->> 'id'
  returning g.* into named;
  return case when named.id is null then guild else named end;
end $$;

-- Gives up a master key that is lost: the keys that only it opens are revoked, and who entered them is told. `untold` are
-- those that an operator entered for a server: there is nobody to tell.
create or replace function public.abandon_master_key(actor jsonb, version text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  lost verne.keys;
  count int := 0;
  untold jsonb := '[]';
  args jsonb;
  entries jsonb := '[]';
  entry jsonb;
begin
  if actor ->> 'door' is distinct from 'operator' then
    perform verne.append_audit(actor, 'keys.abandon', 'refused: not_permitted', jsonb_build_object('version', abandon_master_key.version));
    return jsonb_build_object('kind', 'not_permitted', 'operation', 'keys.abandon', 'roles', '[]'::jsonb);
  end if;
  perform verne.hold_owners(array_agg(k.guild_id), array_agg(k.owner_id)) from verne.keys k
  where k.revoked_at is null and k.kek_version = abandon_master_key.version;
  -- Not held against those who only name a key: they may hold its server's row.
  perform from verne.keys k where k.revoked_at is null and k.kek_version = abandon_master_key.version order by k.id for no key update;
  for lost in
    select * from verne.keys k where k.revoked_at is null and k.kek_version = abandon_master_key.version order by k.guild_id, k.owner_id, k.id
  loop
    count := count + 1;
    if not verne.tell_lost_key(lost, 'lost') then
      untold := untold || jsonb_build_object('guild', lost.guild_id, 'last4', lost.last4);
    end if;
    update verne.keys k set revoked_at = verne.now(), sealed = null, wrapped = null where k.id = lost.id;
    perform verne.mask_key(lost.guild_id, lost.owner_id);
    args := jsonb_strip_nulls(jsonb_build_object('version', abandon_master_key.version, 'last4', lost.last4, 'person', lost.owner_id));
    entries := entries || jsonb_build_object('guild', lost.guild_id, 'args', args);
  end loop;
  delete from verne.master_keys m where m.version = abandon_master_key.version;
  for entry in select * from jsonb_array_elements(entries) loop
    perform verne.append_audit(actor || jsonb_build_object('guild', entry -> 'guild'), 'keys.abandon', 'allowed', entry -> 'args');
  end loop;
  perform verne.append_audit(actor, 'keys.abandon', 'allowed', jsonb_build_object('version', abandon_master_key.version, 'keys', count));
  return jsonb_build_object('kind', 'abandoned', 'keys', count, 'untold', untold);
end $$;
revoke all on function public.abandon_master_key from public, anon, authenticated;
grant execute on function public.abandon_master_key to service_role, verne_worker;

-- Stores a sealed Jules key for the server or for the actor. The one before it for the same (everybody, a role, a channel)
-- is revoked, unless `sealed` says `beside`: then both are of one pool. `sealed` holds id, sealed, wrapped, kek_version,
-- last4, fingerprint, plan (null where none was named), per_day, at_once, role_id, channel_id, beside: never the key itself.
create or replace function public.store_key(actor jsonb, owner text, sealed jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_strip_nulls(jsonb_build_object('key_of', owner, 'last4', sealed ->> 'last4', 'plan', sealed ->> 'plan',
    'role', sealed ->> 'role_id', 'channel', sealed ->> 'channel_id'));
  gate jsonb := verne.authorise(actor, operation, args);
  guild text := case owner when 'server' then gate ->> 'guild_id' end;
  person text := case owner when 'person' then actor ->> 'id' end;
  account jsonb;
  elsewhere text;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  perform verne.hold_owners(array[guild], array[person]);
  account := verne.hold_account(actor, guild, sealed);
  perform verne.revoke_keys(guild, person,
    jsonb_build_object('account', account -> 'id') || case when (sealed ->> 'beside')::boolean is true then '{}'
      else jsonb_build_object('slot', jsonb_build_object('role', sealed -> 'role_id', 'channel', sealed -> 'channel_id')) end);
  insert into verne.keys (id, account_id, guild_id, owner_id, sealed, wrapped, kek_version, last4, added_by, role_id, channel_id)
  values ((sealed ->> 'id')::uuid, (account ->> 'id')::uuid, guild, person, sealed ->> 'sealed', sealed ->> 'wrapped', sealed ->> 'kek_version',
    sealed ->> 'last4', actor ->> 'id', sealed ->> 'role_id', sealed ->> 'channel_id');
  perform verne.mask_key(guild, person);
  perform verne.publish_event('key.added', 'key:' || (sealed ->> 'id'), jsonb_build_object('account', account -> 'id', 'by', actor ->> 'id', 'last4', sealed ->> 'last4'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'guilds'));
  args := args || case when (account ->> 'set')::boolean then jsonb_build_object('per_day', sealed -> 'per_day', 'at_once', sealed -> 'at_once')
    else jsonb_build_object('limits', 'kept') end;
  -- Everybody whose limits these are can see in their own audit who set them.
  for elsewhere in select g.id from (select actor ->> 'guild' as id union select * from jsonb_array_elements_text(account -> 'elsewhere')) g order by 1 loop
    perform verne.append_audit(actor || jsonb_build_object('guild', elsewhere), operation, 'allowed',
      case elsewhere when actor ->> 'guild' then args else args - '{key_of,role,channel}'::text[] end);
  end loop;
  return jsonb_build_object('kind', 'stored', 'last4', sealed ->> 'last4',
    'limits_kept', sealed ->> 'plan' is not null and not (account ->> 'set')::boolean);
end $$;
revoke all on function public.store_key from public, anon, authenticated;
grant execute on function public.store_key to service_role, verne_worker;

-- Revokes the server's or the actor's keys, or the one with these last four: what opens them is destroyed, so that no new
-- call is made with them.
create or replace function public.remove_key(actor jsonb, owner text, last4 text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_strip_nulls(jsonb_build_object('remove_key_of', owner, 'last4', last4));
  gate jsonb := verne.authorise(actor, operation, args);
  guild text := case owner when 'server' then gate ->> 'guild_id' end;
  person text := case owner when 'person' then actor ->> 'id' end;
  gone int;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  perform verne.hold_owners(array[guild], array[person]);
  gone := verne.revoke_keys(guild, person, jsonb_build_object('all', last4 is null, 'last4', last4));
  perform verne.mask_key(guild, person);
  perform verne.append_audit(actor, operation, case gone when 0 then 'refused: no_key' else 'allowed' end, args);
  return jsonb_build_object('kind', case gone when 0 then 'no_key' else 'removed' end);
end $$;
revoke all on function public.remove_key from public, anon, authenticated;
grant execute on function public.remove_key to service_role, verne_worker;

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

-- Jules takes the keys of an account: what it said against them is over. A broken seal is not: such a key is entered anew.
create or replace function verne.note_key_works(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  -- As whoever writes of several keys: in one order.
  perform from verne.keys k where k.account_id = note_key_works.account_id and k.problem is not null order by k.id for no key update;
  update verne.keys k set problem = null, problem_at = null where k.account_id = note_key_works.account_id and k.problem is not null
    and k.broken_at is null;
end $$;

-- Removes what says who a person is: their row, sign-in, membership, choices, budgets, keys. Gives back the ids of their own keys.
create or replace function verne.forget_identity(person text) returns uuid[]
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  nobody text := '000000000000000000';
  me uuid := (select u.id from public.users u where u.discord_id = person);
  mine uuid[] := array(select k.id from verne.keys k where k.owner_id = person);
begin
  -- Servers before keys, as whoever writes of both.
  update public.guilds g set approver_people = array_remove(g.approver_people, forget_identity.person),
    paused_by = case g.paused_by when forget_identity.person then nobody else g.paused_by end,
    installer_user_id = nullif(g.installer_user_id, me)
  where forget_identity.person = any (g.approver_people) or g.paused_by = forget_identity.person or g.installer_user_id = me;
  delete from verne.keys k where k.owner_id = forget_identity.person;
  update verne.keys k set added_by = 'forgotten' where k.added_by = forget_identity.person;
  delete from verne.repo_choices r where r.kind = 'person' and r.id = forget_identity.person;
  delete from verne.members m where m.discord_id = forget_identity.person;
  delete from verne.budgets b where b.kind = 'person' and b.id = forget_identity.person;
  delete from verne.raises r where r.person_id = forget_identity.person;
  update verne.raises r set raised_by = nobody where r.raised_by = forget_identity.person;
  delete from verne.rates r where r.key = 'person:' || forget_identity.person or r.key like 'person_in_server:%:' || forget_identity.person;
  update verne.service s set paused_by = nobody where s.paused_by = forget_identity.person;
  delete from auth.users u where u.id = me or u.id in (
    select i.user_id from auth.identities i where i.provider = 'discord' and i.provider_id = forget_identity.person);
  delete from public.users u where u.discord_id = forget_identity.person;
  return mine;
end $$;

reset check_function_bodies;
