-- The contract of a dashboard, second half: who may do what. Somebody signed in comes as `authenticated`, by way of
-- PostgREST; the bot's functions run as the owner, whom neither the policies nor the guards are about.

create trigger check_key before insert or update of jules_api_key on public.users
  for each row execute function verne.keep_key('jules_api_key');
create trigger check_key before insert or update of default_jules_api_key on public.guilds
  for each row execute function verne.keep_key('default_jules_api_key');
create trigger count_revision before update of guild_id, name, installer_user_id, default_repo, default_branch, permissions,
  default_jules_api_key, approver_notice, approver_people, revision on public.guilds
  for each row execute function verne.count_revision();

-- A guard refuses with a sentence what the policies below would refuse without one. Triggers fire in the order of their
-- names: a key is looked at before anything else may fail and show it.
create trigger guard_user before insert or update on public.users
  for each row when (current_user = 'authenticated') execute function verne.guard_user();
create trigger guard_guild before insert or update on public.guilds
  for each row when (current_user = 'authenticated') execute function verne.guard_guild();
create trigger audit_guild_edit after insert or update on public.guilds
  for each row when (current_user = 'authenticated') execute function verne.audit_guild_edit();

-- The default of `created_at` asks the clock, whose row a dashboard does not reach.
alter function verne.now() security definer;

revoke all on public.users, public.guilds, public.tasks from anon, authenticated, service_role;
grant usage on schema public to authenticated;
grant select on public.users, public.guilds, public.tasks to authenticated;
grant insert (id, discord_id, discord_username, email, jules_api_key),
  update (id, discord_id, discord_username, email, jules_api_key) on public.users to authenticated;
grant insert (guild_id, name, installer_user_id, default_repo, default_branch, permissions, default_jules_api_key,
    approver_notice, approver_people),
  update (guild_id, name, installer_user_id, default_repo, default_branch, permissions, default_jules_api_key,
    approver_notice, approver_people) on public.guilds to authenticated;

-- Forced, so that an owner without `bypassrls` would see nothing rather than everything.
alter table public.users enable row level security, force row level security;
alter table public.guilds enable row level security, force row level security;
alter table public.tasks enable row level security, force row level security;

create policy "A person sees their own row" on public.users for select to authenticated
  using (id = (select auth.uid()));
create policy "A person signs in as the Discord account that is proven" on public.users for insert to authenticated
  with check (id = (select auth.uid()) and discord_id in (select verne.my_discord_ids()));
create policy "A person edits their own row" on public.users for update to authenticated
  using (id = (select auth.uid()))
  with check (id = (select auth.uid()) and discord_id in (select verne.my_discord_ids()));

create policy "Who administers a server sees it" on public.guilds for select to authenticated
  using (guild_id in (select verne.my_guilds('read')));
create policy "Who administers a server adds it under their own name" on public.guilds for insert to authenticated
  with check (guild_id in (select verne.my_guilds('write')) and installer_user_id = (select auth.uid()));
-- Whoever sees a server may try: too long unseen, they are refused with a sentence instead of changing nothing in silence.
create policy "Who administers a server edits it" on public.guilds for update to authenticated
  using (guild_id in (select verne.my_guilds('read')))
  with check (guild_id in (select verne.my_guilds('write')));

create policy "A person sees their own tasks and those of servers they administer" on public.tasks for select to authenticated
  using (discord_user_id in (select verne.my_discord_ids())
    or guild_id in (select g.id from public.guilds g where g.guild_id in (select verne.my_guilds('read'))));
