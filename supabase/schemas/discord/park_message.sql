-- A message that its place will not take (deleted, forbidden) is set aside with the reason; the subject's others go on.
-- `instead` is another place {place, id} that is told once, as a note, and whose reader learns of both reason and place.
create or replace function public.park_message(id text, reason text, instead jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare message verne.messages;
begin
  update verne.messages m set parked_reason = park_message.reason, parked_at = verne.now(), sending_since = null
  where m.id = park_message.id::uuid and m.parked_reason is null
  returning * into message;
  if message.id is not null and instead is not null then
    perform verne.add_message(message.subject, 'note', message.view, instead,
      message.facts || jsonb_build_object('parked', park_message.reason, 'parked_place', message.place_id), message.dedupe || ':instead');
  end if;
  return jsonb_build_object('kind', case when message.id is null then 'was_parked' else 'parked' end);
end $$;
revoke all on function public.park_message from public, anon, authenticated;
grant execute on function public.park_message to service_role, verne_worker;
