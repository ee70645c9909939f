-- Reminds people of what waits for them: `first_ms` after it began to wait, then every `again_ms`; first those it waits for,
-- from the second time on the approvers as well. Of a silent session its requester alone hears: at once, and once again. Gives back until when it is silent, or that nothing waits.
create or replace function public.remind_task(task_id text, first_ms bigint, again_ms bigint) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  is_silence boolean;
  task public.tasks;
  waits jsonb;
  notice jsonb;
  nth int;
  due timestamptz;
begin
  select * into task from public.tasks t where t.id = remind_task.task_id::uuid for no key update;
  waits := verne.waits_for(task, (select s from verne.sessions s where s.task_id = task.id));
  if waits is null then
    return jsonb_build_object('kind', 'nothing');
  end if;
  is_silence := waits ->> 'what' = 'silence';
  first_ms := case when is_silence then 0 else first_ms end;
  nth := floor(greatest(0, extract(epoch from verne.now() - (waits ->> 'since')::timestamptz) * 1000 - first_ms) / again_ms)::int;
  due := (waits ->> 'since')::timestamptz + (first_ms + nth * again_ms) * interval '1 millisecond';
  if is_silence and nth > 1 then
    return jsonb_build_object('kind', 'nothing');
  end if;
  if due <= verne.now() then
    notice := verne.standing_notice(task.guild_id);
    perform verne.add_message('task:' || task.id, 'note', case when is_silence then 'silence' else 'reminder' end, jsonb_build_object('place', 'channel', 'id', task.channel_id),
      waits || jsonb_build_object('guild_id', notice -> 'guild_id', 'mention', jsonb_build_object(
        'people', case when waits ->> 'whom' = 'requester' then jsonb_build_array(task.discord_user_id) else '[]' end
          || case when waits ->> 'whom' = 'approvers' or nth > 0 and not is_silence then notice -> 'people' else '[]' end,
        'roles', case when waits ->> 'whom' = 'approvers' or nth > 0 and not is_silence then notice -> 'roles' else '[]' end)),
      'task:' || task.id || ':reminder:' || extract(epoch from (waits ->> 'since')::timestamptz) || ':' || nth);
    perform verne.publish_event('task.reminded', 'task:' || task.id, jsonb_build_object('what', waits -> 'what'),
      jsonb_build_object('tenant', notice ->> 'guild_id', 'source', 'tasks', 'correlation', task.correlation_id));
    due := due + again_ms * interval '1 millisecond';
  end if;
  return jsonb_build_object('kind', 'waits', 'until', due);
end $$;
revoke all on function public.remind_task from public, anon, authenticated;
grant execute on function public.remind_task to service_role, verne_worker;
