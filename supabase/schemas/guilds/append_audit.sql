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
