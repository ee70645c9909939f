-- What Jules says against a key. Says whether that is news, so that it is told once.
create or replace function verne.note_key_problem(key_id uuid, problem text) returns boolean
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.keys k set problem = note_key_problem.problem, problem_at = verne.now()
  where k.id = note_key_problem.key_id and k.problem is null and k.revoked_at is null;
  return found;
end $$;
