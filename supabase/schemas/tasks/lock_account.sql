-- Whoever may admit tasks takes their account first, before any task: two who went the other way round would wait for
-- each other for ever. A task itself is held `for no key update`: whoever holds its session may write rows that only name it,
-- as its history does, and would else wait for one who holds the task and wants the session.
create or replace function verne.lock_account(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(hashtextextended('admission:' || lock_account.account_id, 7));
end $$;
