-- A door's own refusal (a malformed option, a missing permission of the bot) leaves its entry too, and is counted like any
-- action: who sends many such fills neither the audit nor the time of others.
create or replace function public.record_refusal(actor jsonb, operation text, code text, args jsonb default '{}') returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  if verne.take_rate(record_refusal.actor, record_refusal.operation, record_refusal.args) is null then
    perform verne.append_audit(record_refusal.actor, record_refusal.operation, 'refused: ' || record_refusal.code, record_refusal.args);
  end if;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_refusal from public, anon, authenticated;
grant execute on function public.record_refusal to service_role, verne_worker;
