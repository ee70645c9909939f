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
  delete from verne.plan_choices c where c.person_id = forget_identity.person;
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
