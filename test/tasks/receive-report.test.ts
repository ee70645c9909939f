import { afterAll, beforeAll, expect, test } from 'vitest';
import { followSession } from '#tasks/follow-session.ts';
import { openSession } from '#tasks/open-session.ts';
import { receiveReport } from '#tasks/receive-report.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aDelivery, anApprover, aServer, aTask, fakeJules, someSources, WINDOWS } from '../support/tasks.ts';

let db: TestDatabase;
const jules = fakeJules();
beforeAll(async () => {
  db = await freshDatabase();
  await someSources(db, await aServer(db));
});
afterAll(() => db.close());

const PR = 'https://github.com/octo/repo/pull/9';
const deps = () => ({ rpc: db.rpc, sessions: jules, windows: WINDOWS });

async function anOpenTask() {
  const task = await aTask(db, anApprover());
  await openSession(deps(), aDelivery('task', task.id));
  const [session] = await db.sql`select name from verne.sessions where task_id = ${task.id}`;
  return { id: task.id, session: String(session?.name) };
}

test('a report wakes the follower of its task, by our id or by Jules’s, and the same report is one', async () => {
  const { id, session } = await anOpenTask();
  const report = { id: 'wake-1', session: session.replace('sessions/', '') };
  expect(await receiveReport(db.rpc, report)).toEqual({ kind: 'accepted', task_id: id });
  const again = await Promise.all(Array.from({ length: 20 }, () => receiveReport(db.rpc, report)));
  expect(new Set(again.map(({ kind }) => kind))).toEqual(new Set(['known']));
  expect((await receiveReport(db.rpc, { id: 'wake-2', task_id: id })).kind).toBe('accepted');
  const events =
    await db.sql`select source from verne.events where key = ${`task:${id}`} and topic = 'session.reported'`;
  expect(events).toMatchObject([{ source: 'webhook' }, { source: 'webhook' }]);
});

test('fifty at once are one report', async () => {
  const { id } = await anOpenTask();
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () => receiveReport(db.rpc, { id: 'many', task_id: id, pr_url: PR })),
  );
  const [events] =
    await db.sql`select count(*)::int from verne.events where key = ${`task:${id}`} and topic = 'session.reported'`;
  expect(events?.count).toBe(1);
  expect(outcomes.every(({ kind }) => kind === 'accepted' || kind === 'known')).toBe(true);
});

test('its pull request ends the task where Jules names none, with its source noted, and is told once', async () => {
  const { id } = await anOpenTask();
  await receiveReport(db.rpc, { id: 'pr-1', task_id: id, pr_url: PR });
  await followSession(deps(), aDelivery('task', id));
  await receiveReport(db.rpc, { id: 'pr-2', task_id: id, pr_url: PR });
  await followSession(deps(), aDelivery('task', id));
  const [task] = await db.sql`select status, pr_url, pr_source from public.tasks where id = ${id}`;
  expect(task).toMatchObject({ status: 'completed', pr_url: PR, pr_source: 'webhook' });
  expect(await db.sql`select 1 from verne.messages where subject = ${`task:${id}`} and view = 'outcome'`).toHaveLength(
    1,
  );
});

test.each([
  'https://github.com/octo/other/pull/9',
  'https://github.com/octo/repo/pull/9/files',
  'https://github.com.evil/octo/repo/pull/9',
  'https://evil/github.com/octo/repo/pull/9',
])('a pull request of another place is refused and changes nothing: %s', async (pr_url) => {
  const { id } = await anOpenTask();
  expect(await receiveReport(db.rpc, { id: pr_url, task_id: id, pr_url })).toEqual({
    kind: 'foreign_pull_request',
    repo: 'octo/repo',
  });
  expect(
    await db.sql`select 1 from verne.events where key = ${`task:${id}`} and topic = 'session.reported'`,
  ).toHaveLength(0);
});

test('a task or session that nobody knows is said to be unknown', async () => {
  expect(await receiveReport(db.rpc, { id: 'x', task_id: crypto.randomUUID() })).toEqual({ kind: 'unknown_task' });
  expect(await receiveReport(db.rpc, { id: 'x', session: '123' })).toEqual({ kind: 'unknown_task' });
});
