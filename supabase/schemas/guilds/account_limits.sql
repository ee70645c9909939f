-- What a Jules account allows: sessions in any 24 hours, and at once.
create or replace function verne.account_limits(account_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('per_day', a.per_day, 'at_once', a.at_once) from verne.accounts a where a.id = account_limits.account_id
$$;
