-- Why the gate would refuse this actor now, or null: for a door that asks for more before it acts. It takes, makes and audits
-- nothing. `scope` is what is known of what it would act on, as for the gate.
create or replace function verne.would_refuse(actor jsonb, operation text, scope jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare guild public.guilds;
begin
  select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  if guild.id is null then -- its row comes with the first act; until then nothing is set
    guild.guild_id := actor ->> 'guild';
    guild.permissions := '{"create_roles": [], "confirm_roles": []}';
  end if;
  return case
    when actor ->> 'guild' is null then jsonb_build_object('kind', 'not_in_a_server')
    when verne.too_fast(actor, false) is not null then verne.too_fast(actor, false) - 'key'
    when verne.may(actor, would_refuse.operation, guild, scope) is not true then
      verne.needed_roles(actor, would_refuse.operation, guild)
    when scope ->> 'verb' = 'confirm' then verne.may_not_begin(actor, guild, scope) end;
end $$;
