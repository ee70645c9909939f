-- What a Jules account allows: sessions in any 24 hours, and at once.
create or replace function verne.account_limits(account_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('plan', a.plan, 'per_day', a.per_day, 'at_once', a.at_once) from verne.accounts a where a.id = account_limits.account_id);
end $$;
