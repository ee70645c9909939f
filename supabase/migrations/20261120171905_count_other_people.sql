set check_function_bodies = off;

-- The Jules account of a key that is entered, made with its limits where it is new. A known one keeps what it has, since
-- its limits hold for everybody who shares it; they change where a plan is named (`plan`) and nobody else has a live key of
-- it, or by who runs the service. `set`: whether they are as named now; `elsewhere`: the other servers that they are of.
create or replace function verne.hold_account(actor jsonb, guild_id text, sealed jsonb) returns jsonb
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  account uuid;
  others text[];
begin
  insert into verne.accounts (fingerprint, plan, per_day, at_once)
  values (sealed ->> 'fingerprint', coalesce(sealed ->> 'plan', 'custom'), (sealed ->> 'per_day')::int, (sealed ->> 'at_once')::int)
  on conflict (fingerprint) do nothing returning id into account;
  if account is not null then
    return jsonb_build_object('id', account, 'set', true, 'elsewhere', '[]'::jsonb);
  end if;
  -- Who enters the same key at once waits here, and then sees the other's.
  select a.id into account from verne.accounts a where a.fingerprint = sealed ->> 'fingerprint' for no key update;
  others := array(select distinct coalesce(k.guild_id, '') from verne.keys k
    where k.account_id = account and k.revoked_at is null
      and (k.guild_id = hold_account.guild_id or k.owner_id = actor ->> 'id') is not true);
  if sealed ->> 'plan' is not null and (cardinality(others) = 0 or actor ->> 'door' is not distinct from 'operator') then
    update verne.accounts a set plan = sealed ->> 'plan', per_day = (sealed ->> 'per_day')::int, at_once = (sealed ->> 'at_once')::int
    where a.id = account and (a.plan, a.per_day, a.at_once)
      is distinct from (sealed ->> 'plan', (sealed ->> 'per_day')::int, (sealed ->> 'at_once')::int);
    return jsonb_build_object('id', account, 'set', true, 'elsewhere', case when found then to_jsonb(array_remove(others, '')) else '[]' end);
  end if;
  return jsonb_build_object('id', account, 'set', false, 'elsewhere', '[]'::jsonb);
end $$;

reset check_function_bodies;
