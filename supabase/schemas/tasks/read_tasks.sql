-- A page of a server's tasks for one pair of eyes. A cursor behind which nothing is left leads to the first page again.
create or replace function public.read_tasks(actor jsonb, wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  args jsonb := wish - 'before' - 'after';
  gate jsonb := verne.authorise(actor, 'task.read', args);
  size int := 8;
  found jsonb; -- one more than the page shows
  has_more boolean;
begin
  if gate ->> 'kind' is distinct from 'allowed' then
    return gate;
  end if;
  found := (select jsonb_agg(to_jsonb(l)) from verne.listed_tasks(actor, gate, wish, size + 1) l);
  if found is null and wish ?| '{before,after}' then
    wish := args;
    found := (select jsonb_agg(to_jsonb(l)) from verne.listed_tasks(actor, gate, wish, size + 1) l);
  end if;
  has_more := coalesce(jsonb_array_length(found) > size, false);
  perform verne.append_audit(actor, 'task.read', 'allowed', args);
  return jsonb_build_object('kind', 'tasks', 'tasks', (
      select coalesce(jsonb_agg(jsonb_build_object('waits', l.one -> 'waits', 'card', verne.card_of('task:' || (l.one ->> 'task_id')),
        'task', v.view || jsonb_build_object('prompt', left(v.view ->> 'prompt', 400))) order by (l.one ->> 'number')::int desc), '[]')
      from jsonb_array_elements(found) with ordinality l(one, nth)
      cross join lateral (select verne.task_view((l.one ->> 'task_id')::uuid) as view) v where l.nth <= size),
    'times', verne.server_times((gate ->> 'guild')::uuid),
    'guild_id', gate -> 'guild_id',
    'has_newer', case when wish ? 'after' then has_more else wish ? 'before' end,
    'has_older', wish ? 'after' or has_more,
    'repo', coalesce(wish ->> 'repo', (select t.repo from public.tasks t
      where t.guild_id = (gate ->> 'guild')::uuid and left(md5(lower(t.repo)), 10) = wish ->> 'repo_ref' limit 1)),
    'repo_ref', coalesce(wish ->> 'repo_ref', left(md5(lower(wish ->> 'repo')), 10)));
end $$;
revoke all on function public.read_tasks from public, anon, authenticated;
grant execute on function public.read_tasks to service_role, verne_worker;
