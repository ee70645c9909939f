-- Adds a pattern to what a server keeps to, or takes it away. `kind`: repo, branch or channel. Says whether that changed
-- anything; a server has room for 200.
create or replace function public.change_allow_list(actor jsonb, kind text, pattern text, give boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := jsonb_build_object('allow', change_allow_list.kind, 'pattern', change_allow_list.pattern, 'give', give);
  gate jsonb := verne.authorise(actor, 'settings.change', args);
  has_changed boolean;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  if give is true and (select count(*) from verne.allow_lists l where l.guild_id = gate ->> 'guild_id') >= 200 then
    perform verne.append_audit(actor, 'settings.change', 'refused: too_many', args);
    return jsonb_build_object('kind', 'too_many', 'most', 200);
  end if;
  if give is true then
    insert into verne.allow_lists (guild_id, kind, pattern) values (gate ->> 'guild_id', change_allow_list.kind, change_allow_list.pattern)
    on conflict do nothing;
  else
    delete from verne.allow_lists l where l.guild_id = gate ->> 'guild_id' and l.kind = change_allow_list.kind
      and l.pattern = change_allow_list.pattern;
  end if;
  has_changed := found;
  perform verne.append_audit(actor, 'settings.change', 'allowed', args);
  return jsonb_build_object('kind', case when has_changed then 'changed' else 'same' end);
end $$;
revoke all on function public.change_allow_list from public, anon, authenticated;
grant execute on function public.change_allow_list to service_role, verne_worker;
