-- Forgets what is old, a bounded batch at a time: rates that are long full again, raises that are over, and in which servers
-- the bot last saw a person. What somebody holds at the moment is left for the next time.
create or replace function public.prune_limits(batch int default 1000) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare rates int; raises int; members int;
begin
  delete from verne.rates where key in (
    select r.key from verne.rates r where r.tat < verne.now() - interval '1 day' limit batch for update skip locked);
  get diagnostics rates = row_count;
  delete from verne.raises where id in (
    select r.id from verne.raises r where r.until < verne.now() - interval '30 days' limit batch for update skip locked);
  get diagnostics raises = row_count;
  delete from verne.members m using (
    select o.guild_id, o.discord_id from verne.members o
    where o.seen_at < verne.now() - interval '90 days' limit batch for update skip locked) old
  where m.guild_id = old.guild_id and m.discord_id = old.discord_id;
  get diagnostics members = row_count;
  return jsonb_build_object('rates', rates, 'raises', raises, 'members', members);
end $$;
revoke all on function public.prune_limits from public, anon, authenticated;
grant execute on function public.prune_limits to service_role, verne_worker;
