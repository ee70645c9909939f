-- What waits was not always told that its session had turned: each that may have slept through it is looked at once.
select verne.publish_event('session.turned', 'task:' || s.task_id, jsonb_build_object('phase', s.phase),
  jsonb_build_object('tenant', s.tenant, 'source', 'tasks'))
from verne.sessions s
where exists (select from verne.instructions i where i.task_id = s.task_id and i.state = 'waiting')
  or s.ended_at is null and (s.phase in ('plan_review', 'plan_expired', 'needs_input') or s.silent_at is not null)
order by s.task_id;
