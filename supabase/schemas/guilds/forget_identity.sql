-- Removes what says who a person is: their row's names, membership, choices, budgets, keys, and whom their pseudonym is of.
create or replace function verne.forget_identity(person text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.revoke_keys(null, forget_identity.person, '{"all": true}');
  delete from verne.keys k where k.owner_id = forget_identity.person;
  update verne.keys k set added_by = 'forgotten' where k.added_by = forget_identity.person;
  delete from verne.repo_choices r where r.kind = 'person' and r.id = forget_identity.person;
  delete from verne.members m where m.discord_id = forget_identity.person;
  delete from verne.budgets b where b.kind = 'person' and b.id = forget_identity.person;
  delete from verne.raises r where forget_identity.person in (r.person_id, r.raised_by);
  delete from verne.rates r where r.key like '%:' || forget_identity.person;
  update public.guilds g set approver_people = array_remove(g.approver_people, forget_identity.person)
  where forget_identity.person = any (g.approver_people);
  update public.guilds g set installer_user_id = null
  where g.installer_user_id = (select u.id from public.users u where u.discord_id = forget_identity.person);
  delete from public.users u where u.discord_id = forget_identity.person;
  update verne.people p set discord_id = null where p.discord_id = forget_identity.person;
end $$;
