-- What a dashboard changed in a server is in its audit, as what /config changes is.
create or replace function verne.audit_guild_edit() returns trigger
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  before jsonb := coalesce(to_jsonb(old), '{}');
  changes jsonb;
begin
  select coalesce(jsonb_object_agg(n.key, n.value), '{}') into changes from jsonb_each(to_jsonb(new) - 'revision') n
  where n.value is distinct from before -> n.key;
  if changes <> '{}' then
    perform verne.append_audit(jsonb_build_object('guild', new.guild_id, 'door', 'dashboard', 'command', lower(tg_op) || ' guilds',
        'id', (select m.discord_id from verne.members m where m.guild_id = new.guild_id and m.is_admin
          and m.discord_id in (select verne.my_discord_ids()) limit 1)),
      'settings.change', 'allowed', changes);
  end if;
  return null;
end $$;
