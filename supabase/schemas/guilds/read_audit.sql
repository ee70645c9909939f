-- A server's audit for an export or a check, from an entry on: its text, its hash, and who the person is, if still known.
create or replace function public.read_audit(guild_id text, after_seq text default '0', slots int default 1000) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('seq', (found.entry).seq::text, 'entry', verne.audit_entry(found.entry),
      'hash', encode((found.entry).hash, 'hex'), 'discord_id', found.discord_id) order by (found.entry).seq), '[]')
    from (select a as entry, p.discord_id from verne.audit a join verne.people p on p.ref = a.person
      where a.guild_id = read_audit.guild_id and a.seq > read_audit.after_seq::bigint
      order by a.seq limit read_audit.slots) found);
end $$;
revoke all on function public.read_audit from public, anon, authenticated;
grant execute on function public.read_audit to service_role, verne_worker;
