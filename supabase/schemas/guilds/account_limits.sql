-- What a Jules account allows: sessions in any 24 hours, and at once.
create or replace function verne.account_limits(account_id uuid) returns verne.accounts
language sql stable set search_path = '' as $$
  select a from verne.accounts a where a.id = account_limits.account_id
$$;
