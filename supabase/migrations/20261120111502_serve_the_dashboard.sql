set check_function_bodies = off;

-- What a dashboard changed in a server is in its audit, as what /config changes is.
create or replace function verne.audit_guild_edit() returns trigger
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  before jsonb := coalesce(to_jsonb(old), '{}');
  changes jsonb;
begin
  select coalesce(jsonb_object_agg(n.key, n.value), '{}') into changes from jsonb_each(to_jsonb(new) - 'revision') n
  where n.value is distinct from before -> n.key;
  if changes <> '{}' then
    perform verne.append_audit(jsonb_build_object('guild', new.guild_id, 'door', 'dashboard', 'command', lower(tg_op) || ' guilds',
        'id', (select m.discord_id from verne.members m where m.guild_id = new.guild_id and m.is_admin
          and m.discord_id in (select verne.my_discord_ids()) limit 1)),
      'settings.change', 'allowed', changes);
  end if;
  return null;
end $$;

-- The one gate: the first statement of every function that acts for a person. Answers {kind: allowed} with what
-- applies to the actor, or {kind: not_permitted} with the roles that would be needed; a refusal is audited here.
create or replace function verne.authorise(actor jsonb, operation text, args jsonb default '{}') returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  if actor ->> 'guild' is null then
    perform verne.append_audit(actor, authorise.operation, 'refused: not in a server', args);
    return jsonb_build_object('kind', 'not_in_a_server');
  end if;
  guild := verne.touch_guild(actor);
  if authorise.operation not like 'task.%' then -- a task's account is locked before the server's row, which this locks
    guild := verne.name_installer(actor, guild);
  end if;
  if verne.may(actor, authorise.operation, guild) is not true then
    perform verne.append_audit(actor, authorise.operation, 'refused: not permitted', args);
    return jsonb_build_object('kind', 'not_permitted', 'operation', authorise.operation,
      'roles', case when authorise.operation in ('task.confirm', 'task.cancel') then guild.permissions -> 'confirm_roles'
        when authorise.operation = 'task.create' then (guild.permissions -> 'create_roles') || (guild.permissions -> 'confirm_roles')
        else '[]'::jsonb end);
  end if;
  return jsonb_build_object('kind', 'allowed') || verne.standing(actor, guild);
end $$;

-- Changes the settings named in `changes` and leaves the rest: create_roles, confirm_roles, default_repo,
-- default_branch, approver_notice, approver_people.
create or replace function public.change_settings(actor jsonb, changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare gate jsonb := verne.authorise(actor, 'settings.change', changes);
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  update public.guilds g set
    permissions = g.permissions
      || case when changes ? 'create_roles' then jsonb_build_object('create_roles', changes -> 'create_roles') else '{}' end
      || case when changes ? 'confirm_roles' then jsonb_build_object('confirm_roles', changes -> 'confirm_roles') else '{}' end,
    default_repo = case when changes ? 'default_repo' then changes ->> 'default_repo' else g.default_repo end,
    default_branch = coalesce(changes ->> 'default_branch', g.default_branch),
    approver_notice = coalesce(changes ->> 'approver_notice', g.approver_notice),
    approver_people = case when changes ? 'approver_people'
      then array(select jsonb_array_elements_text(changes -> 'approver_people')) else g.approver_people end
  where g.id = (gate ->> 'guild')::uuid;
  perform verne.append_audit(actor, 'settings.change', 'allowed', changes);
  return jsonb_build_object('kind', 'changed');
end $$;
revoke all on function public.change_settings from public, anon, authenticated;
grant execute on function public.change_settings to service_role, verne_worker;

-- Whoever changes a server's row, its revision goes up by one. The trigger leaves out the number of its last task.
create or replace function verne.count_revision() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.revision := old.revision + (to_jsonb(new) - 'revision' is distinct from to_jsonb(old) - 'revision')::int;
  return new;
end $$;

-- A dashboard's write of a `guilds` row: by one whom the bot saw with Manage Server just now, never to another server,
-- and without putting somebody else forward as the installer.
create or replace function verne.guard_guild() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  me uuid := (select auth.uid());
  before uuid := case tg_op when 'UPDATE' then old.installer_user_id end;
begin
  if tg_op = 'UPDATE' and new.guild_id is distinct from old.guild_id then
    raise exception 'A guilds row keeps its server. Each server has a row of its own.' using errcode = '42501';
  end if;
  if new.guild_id in (select verne.my_guilds('write')) is not true then
    raise exception 'The bot has not seen you with Manage Server in this server within the last 15 minutes. Use /config there, in Discord, then save again.'
      using errcode = '42501';
  end if;
  if tg_op = 'INSERT' then
    new.installer_user_id := coalesce(new.installer_user_id, me);
  end if;
  if new.installer_user_id is distinct from before and (before is not null or new.installer_user_id is distinct from me) then
    raise exception 'installer_user_id names who set the server up. You may write your own id there while it is empty, nothing else.'
      using errcode = '42501';
  end if;
  return new;
end $$;

-- A dashboard's write of a `users` row: one's own, with one's own Discord account. A row that was made for that account
-- before becomes the person's: it takes their id, so that tasks and servers follow it, and makes room for the insert,
-- which keeps what the row knew.
create or replace function verne.guard_user() returns trigger
language plpgsql security definer set search_path = '' as $$
declare known public.users;
begin
  if new.id is distinct from (select auth.uid()) then
    raise exception 'A users row is written by the person whom it is about: its id is the id of who is signed in.' using errcode = '42501';
  elsif tg_op = 'UPDATE' then
    if new.discord_id is distinct from old.discord_id then
      raise exception 'A users row keeps its Discord account. For another account, sign in with that one.' using errcode = '42501';
    end if;
  elsif new.discord_id in (select verne.my_discord_ids()) is not true then
    raise exception 'This Discord account is not proven to be yours. Sign in with Discord, and write the id of that account.' using errcode = '42501';
  else
    set constraints all deferred;
    update public.users u set id = new.id where u.discord_id = new.discord_id and u.id <> new.id returning u.* into known;
    if found then
      delete from public.users u where u.id = new.id;
      new.role := known.role;
      new.created_at := known.created_at;
      new.jules_api_key := known.jules_api_key;
      new.discord_username := coalesce(new.discord_username, known.discord_username);
      new.email := coalesce(new.email, known.email);
    end if;
  end if;
  return new;
end $$;

-- A key column shows a mask and never takes a key, from whomever; a dashboard does not change it at all. The value is not
-- repeated: it may well be a key. Its name is the trigger's argument.
create or replace function verne.keep_key() returns trigger
language plpgsql set search_path = '' as $$
declare
  mask text := to_jsonb(new) ->> tg_argv[0];
  before text := case tg_op when 'UPDATE' then to_jsonb(old) ->> tg_argv[0] end;
begin
  if mask !~ '^•••• .{4}$' or (current_user = 'authenticated' and mask is distinct from before) then
    raise exception '% shows the last four of a Jules key and takes none. Enter, replace or remove keys with /config key in Discord; an operator does it with: npm run keys -- set', tg_argv[0]
      using errcode = 'VN003';
  end if;
  return new;
end $$;

-- The Discord accounts of who is signed in, as the provider proved them. Never `user_metadata`, which its owner may edit.
create or replace function verne.my_discord_ids() returns setof text
language sql stable security definer set search_path = '' as $$
  select i.provider_id from auth.identities i where i.user_id = (select auth.uid()) and i.provider = 'discord'
$$;
grant execute on function verne.my_discord_ids to authenticated;

-- The servers that who is signed in administers, while what the bot saw of them is fresh enough for the purpose: `read`
-- or `write`. Any other purpose finds none.
create or replace function verne.my_guilds(purpose text) returns setof text
language sql stable security definer set search_path = '' as $$
  select m.guild_id from verne.members m
  where m.discord_id in (select verne.my_discord_ids()) and m.is_admin
    and m.seen_at > (select verne.now()) - case purpose
      when 'read' then interval '60 minutes' when 'write' then interval '15 minutes' end
$$;
grant execute on function verne.my_guilds to authenticated;

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
  update public.guilds g set installer_user_id = u.id from public.users u
  where g.id = name_installer.guild.id and g.installer_user_id is null and u.discord_id = actor ->> 'id'
  returning g.* into named;
  return case when named.id is null then guild else named end;
end $$;

-- Notes what a signed interaction says of its sender: whether they administer the server, and that they were seen. Only
-- what changed or is older than five minutes is written, so most interactions write nothing.
create or replace function verne.note_member(actor jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  administers boolean := coalesce((actor ->> 'admin')::boolean, false);
  fresh_since timestamptz := verne.now() - interval '5 minutes';
begin
  if actor ->> 'door' in ('gateway', 'http') is not true or exists (
    select from verne.members m where m.guild_id = actor ->> 'guild' and m.discord_id = actor ->> 'id'
      and m.is_admin = administers and m.seen_at > fresh_since) then
    return;
  end if;
  insert into verne.members as m (guild_id, discord_id, is_admin)
  values (actor ->> 'guild', actor ->> 'id', administers)
  on conflict (guild_id, discord_id) do update set is_admin = excluded.is_admin, seen_at = excluded.seen_at;
end $$;

-- For a dashboard: which Discord accounts are proven for who is signed in, where the bot has seen them, and what that
-- lets them do now. It says why a server does not show.
create or replace function public.read_membership() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('kind', 'membership',
    'discord_ids', (select coalesce(jsonb_agg(mine.id order by mine.id), '[]') from verne.my_discord_ids() mine(id)),
    'servers', (select coalesce(jsonb_agg(jsonb_build_object('guild_id', m.guild_id, 'name', g.name,
        'is_admin', m.is_admin, 'seen_at', m.seen_at,
        'may_read', m.guild_id in (select verne.my_guilds('read')),
        'may_write', m.guild_id in (select verne.my_guilds('write'))) order by m.guild_id), '[]')
      from verne.members m left join public.guilds g on g.guild_id = m.guild_id
      where m.discord_id in (select verne.my_discord_ids())))
$$;
revoke all on function public.read_membership from public, anon, authenticated;
grant execute on function public.read_membership to authenticated;

-- The server's row, made at its first interaction with safe defaults: nobody but Manage Server may create or confirm.
-- Who asks is noted too, as the interaction shows them.
create or replace function verne.touch_guild(actor jsonb) returns public.guilds
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  insert into public.users (discord_id, discord_username)
  select actor ->> 'id', actor ->> 'name' where actor ->> 'door' <> 'operator' -- who runs the service need not be on Discord
  on conflict (discord_id) do update set discord_username = excluded.discord_username
    where users.discord_username is distinct from excluded.discord_username;
  perform verne.note_member(actor);
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  if guild.id is null then
    insert into public.guilds (guild_id, name) values (actor ->> 'guild', actor ->> 'guild_name')
    on conflict (guild_id) do nothing;
    select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
    guild := verne.name_installer(actor, guild);
  end if;
  return guild;
end $$;

reset check_function_bodies;
