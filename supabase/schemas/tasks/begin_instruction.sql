-- Commits the intent to send an instruction, before the POST. 'taken' where somebody else has begun meanwhile,
-- 'approving' where the plan is being approved, which Jules might make anew; 'paused' where nothing new may begin.
create or replace function public.begin_instruction(id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare told verne.instructions;
begin
  if exists (select from verne.instructions i join verne.sessions s on s.task_id = i.task_id
    where i.id = begin_instruction.id::uuid and verne.is_paused(s.tenant)) then
    return jsonb_build_object('kind', 'paused');
  end if;
  -- Held, so that of an approval and an instruction that begin at once one sees the other.
  perform from verne.sessions s join verne.instructions i on i.task_id = s.task_id where i.id = begin_instruction.id::uuid for update of s;
  if exists (select from verne.instructions i join verne.sessions s on s.task_id = i.task_id
    where i.id = begin_instruction.id::uuid and i.kind <> 'nudge' and s.phase = 'approving') then
    return jsonb_build_object('kind', 'approving');
  end if;
  update verne.instructions i set attempts = i.attempts + 1, attempted_at = verne.now()
  where i.id = begin_instruction.id::uuid and i.state = 'waiting' and i.attempted_at is null and i.attempts < 3
  returning * into told;
  return jsonb_build_object('kind', case when told.id is null then 'taken' else 'begun' end);
end $$;
revoke all on function public.begin_instruction from public, anon, authenticated;
grant execute on function public.begin_instruction to service_role, verne_worker;
