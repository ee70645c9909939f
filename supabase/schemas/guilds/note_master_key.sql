-- Keeps what a new master key sealed. Two processes that start at once agree on the first one's, which is given back.
create or replace function public.note_master_key(version text, known_answer text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare kept text;
begin
  insert into verne.master_keys (version, known_answer) values (note_master_key.version, note_master_key.known_answer)
  on conflict (version) do update set version = excluded.version returning known_answer into kept;
  return jsonb_build_object('kind', 'noted', 'known_answer', kept);
end $$;
revoke all on function public.note_master_key from public, anon, authenticated;
grant execute on function public.note_master_key to service_role, verne_worker;
