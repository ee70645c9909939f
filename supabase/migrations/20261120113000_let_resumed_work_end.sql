-- Work that came back after its pull request may fail or be cancelled, and keeps the pull request that it had.
alter table public.tasks drop constraint only_finished_work_has_a_pull_request;
alter table public.tasks add constraint only_begun_work_has_a_pull_request
  check (pr_url is null or status in ('in_progress', 'completed', 'failed', 'cancelled'));
alter table verne.sessions add column resumes int not null default 0;
comment on column verne.sessions.resumes is 'How often it came back to work: each end after that is told anew.';

-- Its work is done by check_account, which also fills free places.
drop function public.read_account(text);
