-- The one gate: the first statement of every function that acts for a person. Answers {kind: allowed} with what applies to
-- the actor, or why not; a refusal is audited here. `scope` is what is known of what it acts on: repo, branch, channel,
-- and the verb of a decision. Whoever may can refuse or end something in a pause too.
create or replace function verne.authorise(actor jsonb, operation text, args jsonb default '{}', scope jsonb default '{}') returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  guild public.guilds;
  refusal jsonb := case when actor ->> 'guild' is null then jsonb_build_object('kind', 'not_in_a_server') end;
begin
  if authorise.operation = 'guild.pause' then
    select * into guild from public.guilds g where g.guild_id = actor ->> 'guild';
  end if;
  -- A decision has taken its own before it locked the task's account. The kill switch works in a flood too: whoever may
  -- turn it is not counted.
  if refusal is null and authorise.operation not in ('task.confirm', 'task.cancel', 'task.withdraw')
    and (authorise.operation = 'guild.pause' and verne.may(actor, 'guild.pause', guild)) is not true then
    refusal := verne.take_rate(actor, authorise.operation, args);
    if refusal is not null then
      return refusal;
    end if;
  end if;
  if refusal is null then
    guild := verne.touch_guild(actor);
    if authorise.operation not like 'task.%' then -- a task's account is locked before the server's row, which this locks
      guild := verne.name_installer(actor, guild);
    end if;
  end if;
  refusal := case
    when refusal is not null then refusal
    when verne.may(actor, authorise.operation, guild, scope) is not true then verne.needed_roles(actor, authorise.operation, guild)
    when authorise.operation = 'task.create' or scope ->> 'verb' = 'confirm' then verne.may_not_begin(actor, guild, scope) end;
  if refusal is not null then
    perform verne.append_audit(actor, authorise.operation, 'refused: ' || (refusal ->> 'kind'), args);
    return refusal;
  end if;
  return jsonb_build_object('kind', 'allowed') || verne.standing(actor, guild);
end $$;
