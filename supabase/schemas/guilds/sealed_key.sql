-- A sealed key with what its seal is bound to: what opens it, for whoever has the master key.
create or replace function verne.sealed_key(key verne.keys) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_object('id', key.id, 'guild_id', key.guild_id, 'owner_id', key.owner_id, 'sealed', key.sealed,
    'wrapped', key.wrapped, 'kek_version', key.kek_version);
end $$;
