-- Commits the intent to post or edit, before the call. An earlier intent that was never resolved may still land for
-- `window_ms`: until then its message is not posted again, and a card is edited once more afterwards.
create or replace function public.begin_message(id text, window_ms int) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare message verne.messages;
begin
  update verne.messages m set
    unsure_until = case when m.sending_since is null then m.unsure_until
      else greatest(m.unsure_until, m.sending_since + window_ms * interval '1 ms') end,
    sending_since = verne.now()
  where m.id = begin_message.id::uuid and m.parked_reason is null
  returning * into message;
  return jsonb_build_object('begun', message.id is not null, 'unsure_until', message.unsure_until);
end $$;
revoke all on function public.begin_message from public, anon, authenticated;
grant execute on function public.begin_message to service_role, verne_worker;
