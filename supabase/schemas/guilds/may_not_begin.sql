-- Why nothing new begins here for this actor now: a pause, or what the server keeps to; null where it may. It is asked when
-- something is asked for and again when it is confirmed, since a server may have closed a repository meanwhile.
create or replace function verne.may_not_begin(actor jsonb, guild public.guilds, scope jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return case when verne.is_paused(guild.guild_id) then jsonb_build_object('kind', 'paused', 'by', guild.paused_by, 'since', guild.paused_at)
    else verne.out_of_bounds(actor, scope) end;
end $$;
