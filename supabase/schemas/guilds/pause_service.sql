-- The kill switch of the whole service, for whoever runs it.
create or replace function public.pause_service(actor jsonb, pause boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare service verne.service;
begin
  if actor ->> 'door' is distinct from 'operator' then
    perform verne.append_audit(actor, 'service.pause', 'refused: not_permitted', jsonb_build_object('pause', pause));
    return jsonb_build_object('kind', 'not_permitted', 'operation', 'service.pause', 'roles', '[]'::jsonb);
  end if;
  update verne.service s set paused_at = case when pause is not false then verne.now() end,
    paused_by = case when pause is not false then actor ->> 'id' end
  where (s.paused_at is null) = (pause is not false);
  if found then
    perform verne.publish_event(case when pause is not false then 'guild.paused' else 'guild.resumed' end, 'guild:every', '{}',
      jsonb_build_object('source', 'guilds'));
  end if;
  select * into service from verne.service;
  perform verne.append_audit(actor, 'service.pause', 'allowed', jsonb_build_object('pause', pause));
  return jsonb_build_object('kind', case when service.paused_at is not null then 'paused_now' else 'resumed' end,
    'by', service.paused_by, 'since', service.paused_at, 'everywhere', service.paused_at is not null);
end $$;
revoke all on function public.pause_service from public, anon, authenticated;
grant execute on function public.pause_service to service_role, verne_worker;
