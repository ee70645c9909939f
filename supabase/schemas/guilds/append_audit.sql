-- Records what an actor did or was refused, in the transaction of what it records. Always the last lock taken.
create or replace function verne.append_audit(actor jsonb, operation text, outcome text, args jsonb default '{}') returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare guild text := coalesce(actor ->> 'guild', '');
begin
  perform pg_advisory_xact_lock(hashtextextended('audit:' || guild, 7));
  insert into verne.audit (guild_id, seq, actor_id, door, command, operation, args, channel_id, outcome, correlation_id)
  select guild, coalesce(max(a.seq), 0) + 1, actor ->> 'id', actor ->> 'door', actor ->> 'command', append_audit.operation,
    coalesce(append_audit.args, '{}'), actor ->> 'channel', append_audit.outcome, (actor ->> 'correlation')::uuid
  from verne.audit a where a.guild_id = guild;
end $$;
