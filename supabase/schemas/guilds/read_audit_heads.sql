-- The last entry of every server's chain. Who keeps a copy elsewhere will notice a chain that was rewritten or cut.
create or replace function public.read_audit_heads() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('guild_id', head.guild_id, 'seq', head.seq::text, 'hash', encode(head.hash, 'hex'))
      order by head.guild_id), '[]')
    from (select distinct on (a.guild_id) a.guild_id, a.seq, a.hash from verne.audit a order by a.guild_id, a.seq desc) head);
end $$;
revoke all on function public.read_audit_heads from public, anon, authenticated;
grant execute on function public.read_audit_heads to service_role, verne_worker;
