-- The next tasks of a list, nearest to the cursor first: newest first, or oldest first where the list is read backwards.
-- `wish`: show (mine, all, waiting), status, repo or repo_ref (the beginning of its hash), before or after (a number).
create or replace function verne.listed_tasks(actor jsonb, gate jsonb, wish jsonb, most int)
returns table (task_id uuid, number int, waits jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  guild uuid := (gate ->> 'guild')::uuid;
  is_approver boolean := (gate ->> 'may_confirm')::boolean is true;
  waiting boolean := wish ->> 'show' = 'waiting';
  sees_all boolean := wish ->> 'show' = 'all' and is_approver and verne.refused_there(actor, 'task.confirm', null) is null;
  places text[] := case when is_approver and not sees_all and wish ->> 'show' <> 'mine'
    then verne.approver_places(actor, guild, waiting) else '{}' end;
begin
  return query execute format($query$
    select t.id, t.number, w.waits from public.tasks t left join verne.sessions s on s.task_id = t.id
    cross join lateral (select concat_ws(E'\n', t.repo, t.branch, t.channel_id) = any ($3) as approves) a
    cross join lateral (select %s as waits) w
    where t.guild_id = $1 and %s
      and (($4 ->> 'before') is null or t.number < ($4 ->> 'before')::int)
      and (($4 ->> 'after') is null or t.number > ($4 ->> 'after')::int)
      and (($4 ->> 'repo') is null or lower(t.repo) = lower($4 ->> 'repo'))
      and (($4 ->> 'repo_ref') is null or left(md5(lower(t.repo)), 10) = $4 ->> 'repo_ref')
      and (($4 ->> 'status') is null or $4 ->> 'status' = case
        when t.status <> 'completed' then t.status when t.pr_url is not null then 'pr' else 'no_pr' end)
    order by t.number %s limit $5 $query$,
    case when waiting then $w$verne.waits_for_me($2 ->> 'id', a.approves, t, s)$w$ else 'null::jsonb' end,
    case when waiting then $w$t.status in ('pending_confirmation', 'in_progress') and w.waits is not null$w$
      when wish ->> 'show' = 'mine' then $w$t.discord_user_id = $2 ->> 'id'$w$
      when sees_all then 'true'
      else $w$(t.discord_user_id = $2 ->> 'id' or t.channel_id in ($2 ->> 'channel', $2 ->> 'parent_channel') or a.approves)$w$ end,
    case when wish ->> 'after' is null then 'desc' else 'asc' end)
  using guild, actor, places, wish, most;
end $$;
