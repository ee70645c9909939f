-- What relays, GitHub Actions and people report of a session, by POST /webhook/jules.
alter table verne.sessions add column reported_pr text;
comment on column verne.sessions.reported_pr is 'A pull request that somebody with the webhook''s secret named; used where Jules itself names none.';
alter table public.tasks add column pr_source text constraint pr_source_is_known check (pr_source in ('jules', 'webhook'));

select verne.subscribe('tasks.follow_session', '{session.opened,session.moved,session.reported,task.cancelled}', 'latest');
select verne.route_topic('session.reported');
