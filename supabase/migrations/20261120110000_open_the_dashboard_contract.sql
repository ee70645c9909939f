-- The contract of a dashboard, first half: who was seen where, what follows whom, and what a row may hold. The functions
-- follow in the next migration, the policies and triggers that use them in the one after.

-- What the bot last saw of a person in a server, from the signed interaction. Nobody else writes it: it is the only proof
-- that a dashboard's user administers a server.
create table verne.members (
  guild_id text not null constraint guild_id_is_a_snowflake check (guild_id ~ '^[0-9]{15,20}$'),
  discord_id text not null constraint discord_id_is_a_snowflake check (discord_id ~ '^[0-9]{15,20}$'),
  is_admin boolean not null,
  seen_at timestamptz not null default verne.now(),
  primary key (guild_id, discord_id)
);
create index members_by_person on verne.members (discord_id, guild_id);

-- A person whom the bot knew first takes the id of their sign-in, and what points to them follows. The checks can be put
-- off to the end of the transaction, because between two statements of the sign-in the row is away.
alter table public.tasks drop constraint tasks_user_id_fkey;
alter table public.tasks add constraint tasks_user_id_fkey
  foreign key (user_id) references public.users on update cascade deferrable;
alter table public.guilds drop constraint guilds_installer_user_id_fkey;
alter table public.guilds add constraint guilds_installer_user_id_fkey
  foreign key (installer_user_id) references public.users on update cascade deferrable;

create index tasks_by_user on public.tasks (user_id);
create index tasks_by_person on public.tasks (discord_user_id, created_at desc);
create index guilds_by_installer on public.guilds (installer_user_id);

-- Until here any list, branch, name and length was taken; what the checks below refuse is corrected first, or they could not
-- be added. What is no id of a role or a person matches nobody and is dropped; a server has 250 roles at most.
update public.guilds g set permissions = c.permissions, approver_people = c.people
from (
  select id,
    (select jsonb_object_agg(list, (
        select coalesce(jsonb_agg(r.role order by r.place), '[]') from (
          select role, place from jsonb_array_elements(permissions -> list) with ordinality x(role, place)
          where jsonb_typeof(role) = 'string' and role #>> '{}' ~ '^[0-9]{15,20}$' order by place limit 250) r))
      from unnest(array['create_roles', 'confirm_roles']) list) as permissions,
    array(select person from unnest(approver_people) with ordinality x(person, place)
      where person ~ '^[0-9]{15,20}$' order by place limit 100) as people
  from public.guilds) c
where c.id = g.id and (g.permissions, g.approver_people) is distinct from (c.permissions, c.people);
update public.guilds set default_branch = 'main' where default_branch !~ '^[^[:space:][:cntrl:]~^:?*\[\\]{1,200}$';
update public.guilds set default_repo = null where length(default_repo) > 140; -- GitHub has none that is so long
update public.guilds set name = left(name, 100) where length(name) > 100;
update public.users set discord_username = left(discord_username, 100) where length(discord_username) > 100;
update public.users set email = null where length(email) > 320;

-- Ids go into mentions, where one that is none makes Discord refuse the whole message; a number would have lost digits.
alter table public.guilds
  add constraint permissions_hold_role_ids check (
    not jsonb_path_exists(permissions, 'strict $.* ? (@.type() != "array")')
    and not jsonb_path_exists(permissions, 'strict $.*[*] ? (@.type() != "string" || !(@ like_regex "^[0-9]{15,20}$"))', '{}', true)
    and length(permissions::text) <= 20000),
  add constraint approver_people_are_snowflakes check (
    array_to_string(approver_people, ',', '?') ~ '^([0-9]{15,20}(,[0-9]{15,20})*)?$' and cardinality(approver_people) <= 100),
  add constraint default_branch_is_a_branch_name check (default_branch ~ '^[^[:space:][:cntrl:]~^:?*\[\\]{1,200}$'),
  add constraint name_and_default_repo_are_short check (length(name) <= 100 and length(default_repo) <= 140);
alter table public.users
  add constraint username_and_email_are_short check (length(discord_username) <= 100 and length(email) <= 320);
