-- What an entry's hash is taken of, as text that an export carries word for word. Time in UTC, to the microsecond.
create or replace function verne.audit_entry(entry verne.audit) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_array(entry.guild_id, entry.seq, to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), entry.person,
    entry.door, entry.command, entry.operation, entry.args, entry.channel_id, entry.outcome, entry.correlation_id)::text;
end $$;
