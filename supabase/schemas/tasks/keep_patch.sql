-- Keeps the newest patch of a session, since one that is deleted at Jules can be saved from here alone. `patch`: text (null
-- where it is too large), chars, base_commit.
create or replace function verne.keep_patch(task_id uuid, patch jsonb) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  insert into verne.patches (task_id, patch, chars, base_commit)
  values (keep_patch.task_id, keep_patch.patch ->> 'text', (keep_patch.patch ->> 'chars')::int, keep_patch.patch ->> 'base_commit')
  on conflict (task_id) do update set patch = excluded.patch, chars = excluded.chars, base_commit = excluded.base_commit, kept_at = excluded.kept_at
  where (verne.patches.patch, verne.patches.chars, verne.patches.base_commit) is distinct from (excluded.patch, excluded.chars, excluded.base_commit);
end $$;
