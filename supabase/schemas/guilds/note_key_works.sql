-- Jules takes the keys of an account: what it said against them is over. A broken seal is not: such a key is entered anew.
create or replace function verne.note_key_works(account_id uuid) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  -- As whoever writes of several keys: in one order.
  perform from verne.keys k where k.account_id = note_key_works.account_id and k.problem is not null order by k.id for no key update;
  update verne.keys k set problem = null, problem_at = null where k.account_id = note_key_works.account_id and k.problem is not null
    and k.broken_at is null;
end $$;
