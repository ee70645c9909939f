-- The target of a request, or why it cannot be taken: no key, an unknown repository or branch, one that this person may not
-- use, a budget that is spent. Where budgets are counted, their server's row is held until the request is stored; the
-- account comes before it, and the person, as at sign-in.
create or replace function verne.admissible(actor jsonb, standing jsonb, wish jsonb) returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  target jsonb;
  refusal jsonb;
begin
  if coalesce(standing -> 'key', 'null'::jsonb) = 'null'::jsonb then
    return jsonb_build_object('kind', 'no_key');
  end if;
  target := verne.choose_target(standing, wish);
  if target ->> 'kind' <> 'target' then
    return target;
  end if;
  refusal := verne.refused_there(actor, 'task.create', target);
  if refusal is not null then
    return refusal;
  end if;
  perform verne.lock_account((standing -> 'key' ->> 'account')::uuid);
  perform verne.hold_user(actor ->> 'id');
  if verne.has_budgets(actor ->> 'guild') then
    refusal := verne.over_budget(actor, verne.spent_by(actor ->> 'id', (standing ->> 'guild')::uuid));
  end if;
  return coalesce(refusal, target);
end $$;
