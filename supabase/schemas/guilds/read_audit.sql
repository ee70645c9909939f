-- A server's audit for an export or a check, from an entry on (null: from the first): its text, its hash, and who the person
-- is, if still known, with the salt that proves it. Entries that share a number come together: one of them is no entry.
create or replace function public.read_audit(guild_id text, after_seq text default null, slots int default 1000) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('seq', (found.entry).seq::text, 'entry', verne.audit_entry(found.entry),
      'hash', encode((found.entry).hash, 'hex'), 'person', (found.entry).person, 'discord_id', found.discord_id, 'salt', found.salt)
      order by (found.entry).seq), '[]')
    from (select a as entry, p.discord_id, p.salt from verne.audit a left join verne.people p on p.ref = a.person
      where a.guild_id = read_audit.guild_id and (read_audit.after_seq is null or a.seq > read_audit.after_seq::bigint)
      order by a.seq fetch first read_audit.slots rows with ties) found);
end $$;
revoke all on function public.read_audit from public, anon, authenticated;
grant execute on function public.read_audit to service_role, verne_worker;
