-- When a task that waits for a decision expires. While a pause lasts nobody can confirm it, so its hours stand still.
create or replace function verne.waits_until(task public.tasks) returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
  return case when task.status = 'pending_confirmation'
    then task.expires_at + verne.paused_since(verne.tenant_of(task.guild_id), task.created_at) else task.expires_at end;
end $$;
