-- Forgets what is old, a bounded batch at a time: notes that were sent or set aside 90 days ago. Cards are edited for as long
-- as their subject lives.
create or replace function public.prune_messages(batch int default 1000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare notes int;
begin
  delete from verne.messages where id in (
    select m.id from verne.messages m
    where m.kind = 'note' and m.created_at < verne.now() - interval '90 days' and m.sending_since is null
      and (m.parked_reason is not null or m.posted_at < verne.now() - interval '90 days')
    limit batch for update skip locked);
  get diagnostics notes = row_count;
  return jsonb_build_object('notes', notes);
end $$;
revoke all on function public.prune_messages from public, anon, authenticated;
grant execute on function public.prune_messages to service_role, verne_worker;
