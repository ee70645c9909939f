-- Commits the intent to send an instruction, before the POST. 'taken' where somebody else has begun meanwhile, 'paused'
-- where nothing new may begin.
create or replace function public.begin_instruction(id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare told verne.instructions;
begin
  if exists (select from verne.instructions i join verne.sessions s on s.task_id = i.task_id
    where i.id = begin_instruction.id::uuid and verne.is_paused(s.tenant)) then
    return jsonb_build_object('kind', 'paused');
  end if;
  update verne.instructions i set attempts = i.attempts + 1, attempted_at = verne.now()
  where i.id = begin_instruction.id::uuid and i.state = 'waiting' and i.attempted_at is null and i.attempts < 3
  returning * into told;
  return jsonb_build_object('kind', case when told.id is null then 'taken' else 'begun' end);
end $$;
revoke all on function public.begin_instruction from public, anon, authenticated;
grant execute on function public.begin_instruction to service_role, verne_worker;
