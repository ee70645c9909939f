import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Actor } from '#kernel/actor.ts';
import { listTasks, SHOWS } from '#tasks/list-tasks.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anApprover, aRequester, aServer, aTask } from '../support/tasks.ts';

/** A server with 10,000 tasks, in 30 repositories and 40 channels, of 300 people. */
const TASKS = 10_000;
const GRANTED = '300000000000000099';
let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await aServer(db);
  const { id } = await aTask(db);
  await db.sql`insert into public.tasks (discord_user_id, guild_id, number, prompt, status, created_at, request_key, channel_id,
      repo, repo_from, branch, key_id, account_id, key_owner, key_last4, decided_by, decided_at, expires_at)
    select case when n % 10 = 0 then t.discord_user_id else '10000000000000' || (1000 + n % 300) end, t.guild_id, n + 1, 'Do it ' || n,
      case when n % 20 = 0 then 'pending_confirmation' else 'completed' end, verne.now() - n * interval '1 minute', 'many' || n,
      '2000000000000000' || (10 + n % 40), case when n % 50 = 0 then 'octo/rare' else 'octo/repo' || (n % 30) end, 'option', 'main',
      t.key_id, t.account_id, 'server', '1a2b', case when n % 20 > 0 then '100000000000000003' end,
      case when n % 20 > 0 then verne.now() end, verne.now() + interval '1 day'
    from public.tasks t, generate_series(1, ${TASKS}) n where t.id = ${id}`;
  await db.sql`insert into verne.history (task_id, noun, state) select t.id, 'session', 'working' from public.tasks t, generate_series(1, 6)`;
  await db.sql`insert into verne.history (task_id, noun, state) select t.id, 'task', 'pull_request' from public.tasks t where t.status = 'completed'`;
  await db.sql`insert into verne.grants (guild_id, role_id, operation, repo)
    select g.guild_id, ${GRANTED}, 'task.confirm', 'octo/rare' from public.guilds g`;
  await db.sql`analyze`;
}, 60_000);
afterAll(() => db.close());

const away = { channel: '299999999999999999' };
const PEOPLE: readonly (readonly [string, Actor])[] = [
  ['who asked for a tenth', aRequester()],
  ['an approver', anApprover()],
  ['an approver of one repository', aRequester({ ...away, id: '100000000000000056', roles: [GRANTED] })],
  ['somebody who sees none', aRequester({ ...away, id: '100000000000000055', roles: [] })],
];
/** Discord waits for three seconds, and the bot answers within two. */
const ANSWER_MS = 1500;

test.for(PEOPLE)('a page of 10,000 tasks comes in time for %s', async ([, actor]) => {
  for (const show of SHOWS)
    for (const wish of [{}, { before: 500 }, { status: 'failed' as const }, { repo_ref: '0000000000' }]) {
      const startedAt = performance.now();
      const page = await listTasks(db.rpc, actor, { show, ...wish });
      expect(page.kind).toBe('tasks');
      expect(performance.now() - startedAt).toBeLessThan(ANSWER_MS);
    }
});

test("one's own tasks are found by an index, not by looking at everybody's", async () => {
  const plan = await db.sql`explain (format json) select from public.tasks t
    where t.guild_id = (select g.id from public.guilds g limit 1) and t.discord_user_id = ${aRequester().id}
    order by t.number desc limit 9`;
  expect(JSON.stringify(plan)).toContain('tasks_by_requester');
});
