import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followSession } from '#tasks/follow-session.ts';
import { openSession } from '#tasks/open-session.ts';
import { receiveReport } from '#tasks/receive-report.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { isOwn, pullUrl, REPO } from '../support/pull-urls.ts';
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
  const open = jules.sessions.find(({ name }) => name === session?.name);
  if (open) Object.assign(open, { state: 'IN_PROGRESS' });
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

test('two tasks may be reported under the same id', async () => {
  const [one, other] = [await anOpenTask(), await anOpenTask()];
  expect((await receiveReport(db.rpc, { id: 'by-hand', task_id: one.id })).kind).toBe('accepted');
  expect((await receiveReport(db.rpc, { id: 'by-hand', task_id: other.id, pr_url: PR })).kind).toBe('accepted');
  const [session] = await db.sql`select reported_pr from verne.sessions where task_id = ${other.id}`;
  expect(session).toEqual({ reported_pr: PR });
});

test('a pull request of a session that is not open yet is nobody’s', async () => {
  const { id } = await aTask(db, anApprover());
  expect((await receiveReport(db.rpc, { id: 'early', task_id: id, pr_url: PR })).kind).toBe('accepted');
  const [session] = await db.sql`select reported_pr from verne.sessions where task_id = ${id}`;
  expect(session).toEqual({ reported_pr: null });
});

test('a report takes its locks in the order of everybody else, and so never deadlocks with a press on Cancel', async () => {
  const { id } = await anOpenTask();
  const isWaiting = async () =>
    (
      await db.sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%receive_report%'
      and datname = current_database() and pid <> pg_backend_pid()`
    ).length > 0;
  let report: Promise<unknown> = Promise.resolve();
  await db.sql.begin(async (press) => {
    await press`select 1 from public.tasks where id = ${id} for update`;
    await press`select pg_advisory_xact_lock(hashtextextended(${`task:${id}`}, 7))`;
    report = receiveReport(db.rpc, { id: 'amid', task_id: id, pr_url: PR });
    await expect.poll(isWaiting).toBe(true);
    await press`update verne.sessions set revision = revision + 1 where task_id = ${id}`;
  });
  expect(await report).toEqual({ kind: 'accepted', task_id: id });
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

test('the database itself takes a pull request of the task’s repository and nothing that is nearly one', async () => {
  await someSources(db, await aServer(db), ['octo/repo', REPO]);
  const { id } = await aTask(db, anApprover(), { repo: REPO });
  const kindOf = async (pr_url: string) => {
    const report = { id: crypto.randomUUID(), task_id: id, pr_url };
    return ((await db.rpc('receive_report', { report })) as { kind: string }).kind;
  };
  const own = `https://github.com/${REPO}/pull`;
  const told = [
    `${own}/0`,
    `${own}/007`,
    `${own}/12345678901`,
    own.replace('k', '\u212A').concat('/7'),
    `${own}/7`.toUpperCase(),
    '',
  ];
  expect(await Promise.all(told.map(kindOf))).toEqual([
    ...Array(4).fill('foreign_pull_request'),
    'accepted',
    'foreign_pull_request',
  ]);
  await fc.assert(
    fc.asyncProperty(pullUrl, async (url) => {
      fc.pre(!url.includes('\0'));
      expect(await kindOf(url)).toBe(isOwn(url) ? 'accepted' : 'foreign_pull_request');
    }),
    { numRuns: 150 },
  );
  const facts =
    await db.sql`select distinct payload ->> 'pr_url' as url from verne.events where key = ${`task:${id}`} and topic = 'session.reported'`;
  for (const { url } of facts) expect(url).toMatch(/^https:\/\/github\.com\/acme-kit\/Site\.js\/pull\/[1-9]\d*$/);
});

test('a task or session that nobody knows is said to be unknown', async () => {
  expect(await receiveReport(db.rpc, { id: 'x', task_id: crypto.randomUUID() })).toEqual({ kind: 'unknown_task' });
  expect(await receiveReport(db.rpc, { id: 'x', session: '123' })).toEqual({ kind: 'unknown_task' });
});
