set check_function_bodies = off;

-- Keeps a person from acting until the transaction ends, by what every act of theirs takes first; then their row, as whoever
-- changes it does.
create or replace function verne.hold_person(discord_id text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.hold_rate('person:' || hold_person.discord_id);
  perform from public.users u where u.discord_id = hold_person.discord_id for update;
end $$;

-- From here on a person's pseudonym leads nowhere. The last of forgetting them, after the entry that says so.
create or replace function verne.forget_name(person text) returns void
language plpgsql set search_path = '' as $$
begin
  update verne.people p set discord_id = null, salt = null where p.discord_id = forget_name.person;
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
  delete from verne.keys k where k.owner_id = forget_identity.person;
  update verne.keys k set added_by = 'forgotten' where k.added_by = forget_identity.person;
  delete from verne.repo_choices r where r.kind = 'person' and r.id = forget_identity.person;
  delete from verne.members m where m.discord_id = forget_identity.person;
  delete from verne.budgets b where b.kind = 'person' and b.id = forget_identity.person;
  delete from verne.raises r where r.person_id = forget_identity.person;
  update verne.raises r set raised_by = nobody where r.raised_by = forget_identity.person;
  delete from verne.rates r where r.key = 'person:' || forget_identity.person or r.key like 'person_in_server:%:' || forget_identity.person;
  update public.guilds g set approver_people = array_remove(g.approver_people, forget_identity.person),
    paused_by = case g.paused_by when forget_identity.person then nobody else g.paused_by end,
    installer_user_id = nullif(g.installer_user_id, me)
  where forget_identity.person = any (g.approver_people) or g.paused_by = forget_identity.person or g.installer_user_id = me;
  update verne.service s set paused_by = nobody where s.paused_by = forget_identity.person;
  delete from auth.users u where u.id = me or u.id in (
    select i.user_id from auth.identities i where i.provider = 'discord' and i.provider_id = forget_identity.person);
  delete from public.users u where u.discord_id = forget_identity.person;
  return mine;
end $$;

-- Who is named in arguments: `person`, `approver_people`, the `id` of kind person.
create or replace function verne.people_in(args jsonb) returns text[]
language plpgsql immutable set search_path = '' as $$
begin
  return array_remove(array[args ->> 'person', case when args ->> 'kind' = 'person' then nullif(args ->> 'id', '') end]
    || case when jsonb_typeof(args -> 'approver_people') = 'array'
      then array(select jsonb_array_elements_text(args -> 'approver_people')) end, null);
end $$;

-- Records what an actor did or was refused, in the transaction of what it records. Each entry's hash covers the one before
-- it: sha256 of that hash and the entry's text. Always the last lock taken.
create or replace function verne.append_audit(actor jsonb, operation text, outcome text, args jsonb default '{}') returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  entry verne.audit;
  last verne.audit;
begin
  -- In one order, whoever names them: of two new people each would wait for the other's.
  perform verne.person_ref(p.id) from (
    select distinct unnest(verne.people_in(append_audit.args) || (actor ->> 'id')) as id order by id) p;
  entry.guild_id := coalesce(actor ->> 'guild', '');
  entry.person := verne.person_ref(actor ->> 'id');
  entry.args := verne.without_names(coalesce(append_audit.args, '{}'));
  perform pg_advisory_xact_lock(hashtextextended('audit:' || entry.guild_id, 7));
  select * into last from verne.audit a where a.guild_id = entry.guild_id order by a.seq desc limit 1;
  entry.seq := coalesce(last.seq, 0) + 1;
  entry.at := verne.now();
  entry.door := actor ->> 'door';
  entry.command := actor ->> 'command';
  entry.operation := append_audit.operation;
  entry.channel_id := case when entry.guild_id <> '' then actor ->> 'channel' end; -- elsewhere it is one person's own
  entry.outcome := append_audit.outcome;
  entry.correlation_id := (actor ->> 'correlation')::uuid;
  entry.hash := sha256(coalesce(last.hash, '') || convert_to(verne.audit_entry(entry), 'UTF8'));
  insert into verne.audit select entry.*;
end $$;

-- Forgets a person who asks for it: who they are, their keys and choices, what they wrote. Their open tasks must have ended.
-- The audit keeps what was done under a pseudonym that leads nowhere any more, so its chain still verifies.
create or replace function public.forget_person(actor jsonb, person text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  open int[];
  subjects jsonb;
  own text[];
  keys uuid[];
begin
  if actor ->> 'door' is distinct from 'operator' then
    return jsonb_build_object('kind', 'not_permitted', 'operation', 'person.forget', 'roles', '[]'::jsonb);
  end if;
  perform verne.hold_person(forget_person.person); -- an act of theirs is over by now, or comes after all of this
  select array_agg(t.number order by t.number) into open from public.tasks t
  where t.discord_user_id = forget_person.person and t.status in ('pending_confirmation', 'in_progress');
  if open is not null then
    return jsonb_build_object('kind', 'has_open_tasks', 'numbers', to_jsonb(open));
  end if;
  subjects := verne.forget_tasks(forget_person.person);
  own := array(select jsonb_array_elements_text(subjects -> 'own'));
  perform verne.forget_messages(forget_person.person, own);
  perform verne.forget_facts(forget_person.person, own);
  perform verne.publish_event('task.updated', shown, '{}', jsonb_build_object('source', 'tasks')) -- its card is shown anew
  from jsonb_array_elements_text(subjects -> 'own' || (subjects -> 'others')) shown;
  keys := verne.forget_identity(forget_person.person);
  delete from verne.sources s where s.key_id = any (keys);
  delete from verne.source_lists s where s.key_id = any (keys);
  perform verne.append_audit(actor, 'person.forget', 'allowed', jsonb_build_object('person', forget_person.person));
  perform verne.forget_name(forget_person.person);
  return jsonb_build_object('kind', 'forgotten', 'tasks', cardinality(own));
end $$;
revoke all on function public.forget_person from public, anon, authenticated;
grant execute on function public.forget_person to service_role, verne_worker;

reset check_function_bodies;
