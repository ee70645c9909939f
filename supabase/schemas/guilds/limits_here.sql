-- The budgets of this actor's server, what was raised there and still holds, and what binds the actor.
create or replace function verne.limits_here(actor jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return jsonb_build_object(
    'budgets', (select coalesce(jsonb_agg(to_jsonb(b) - 'guild_id' order by b.kind, b.id), '[]')
      from verne.budgets b where b.guild_id = actor ->> 'guild'),
    'raises', (select coalesce(jsonb_agg(jsonb_build_object('person', r.person_id, 'extra', r.extra, 'until', r.until) order by r.until), '[]')
      from verne.raises r where r.guild_id = actor ->> 'guild' and r.until > verne.now()),
    'yours', (select jsonb_build_object('per_day', b.per_day, 'at_once', b.at_once) from verne.budget_of(actor) b));
end $$;
