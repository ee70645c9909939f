-- Who can mend a key: the person whose it is, or who entered the server's. Null where it is gone.
create or replace function verne.who_mends(key_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('person', coalesce(k.owner_id, k.added_by), 'last4', k.last4, 'since', k.problem_at)
    from verne.keys k where k.id = who_mends.key_id and k.revoked_at is null);
end $$;
