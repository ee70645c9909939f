-- The first instruction of a task that still has to be sent, and what its sender needs of the session; null where there is none.
create or replace function public.read_instruction(task_id text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('id', i.id, 'kind', i.kind, 'text', i.text, 'marker', i.marker, 'attempts', i.attempts,
      'attempted_at', i.attempted_at, 'status', t.status, 'name', s.name, 'key_id', s.key_id, 'phase', s.phase,
      'jules_state', s.jules_state, 'archived', s.archived_at is not null, 'paused', verne.is_paused(s.tenant))
    from verne.instructions i join public.tasks t on t.id = i.task_id left join verne.sessions s on s.task_id = t.id
    where i.task_id = read_instruction.task_id::uuid and i.state = 'waiting'
    -- What may be on its way first; a nudge is about a session that takes nothing else.
    order by i.attempted_at is null, i.kind <> 'nudge', i.created_at, i.id limit 1);
end $$;
revoke all on function public.read_instruction from public, anon, authenticated;
grant execute on function public.read_instruction to service_role, verne_worker;
