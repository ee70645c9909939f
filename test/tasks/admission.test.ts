import { afterAll, beforeAll, expect, test } from 'vitest';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anApprover, aRequester, aServer, aTask } from '../support/tasks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const AT_ONCE = 3;

test('many who confirm, cancel and finish at once never wait for each other for ever, and no limit is passed', async () => {
  await aServer(db, { atOnce: AT_ONCE, perDay: 1000 });
  const tasks = await Promise.all(Array.from({ length: 30 }, () => aTask(db, aRequester())));
  const decide = (id: string, verb: 'confirm' | 'cancel') =>
    decideTask(db.rpc, anApprover(), { taskId: taskId(id), verb });
  const end = async (id: string) => {
    const work = (await db.rpc('read_work', { task_id: id })) as { revision: number; account_id: string } | null;
    if (!work) return;
    const change = { phase: 'done_nothing', end: { verb: 'complete' } };
    await db.rpc('record_session', { task_id: id, revision: work.revision, change });
    await db.rpc('record_sweep', { account_id: work.account_id, seen: [] });
  };
  let most = 0;
  const watch = setInterval(async () => {
    const [row] =
      await db.sql`select count(*)::int from verne.sessions where admitted_at is not null and ended_at is null`;
    most = Math.max(most, row?.count ?? 0);
  }, 5);
  await Promise.all(tasks.map(({ id }) => decide(id, 'confirm')));
  await Promise.all(tasks.map(({ id }, at) => (at % 2 ? decide(id, 'cancel') : end(id))));
  await Promise.all(tasks.map(({ id }) => end(id)));
  clearInterval(watch);
  const [left] = await db.sql`select count(*)::int from verne.sessions where ended_at is null`;
  expect(left?.count).toBe(0);
  expect(most).toBeLessThanOrEqual(AT_ONCE);
});

test('a session is admitted while somebody holds its task and is about to write the session', async () => {
  await aServer(db);
  const { id } = await aTask(db);
  await decideTask(db.rpc, anApprover(), { taskId: taskId(id), verb: 'confirm' });
  const [session] = await db.sql`update verne.sessions set phase = 'queued', admitted_at = null
    where task_id = ${id} returning account_id`;
  const phases: unknown[] = [];
  const admit = () =>
    db.sql.begin(async (tx) => {
      await tx`set local lock_timeout = '5s'`;
      await tx`select verne.admit_tasks(${session?.['account_id']})`;
      phases.push((await tx`select phase from verne.sessions where task_id = ${id}`)[0]?.['phase']);
    });
  // The task first, then its session: as the approval of a plan does, and whoever writes of both.
  await db.sql.begin(async (tx) => {
    await tx`select public.remind_task(${id}, 1, 1)`;
    await admit();
    await tx`select from verne.sessions where task_id = ${id} for update`;
  });
  expect(phases).toEqual(['opening']);
});

test('nobody holds a task in a way that a row which only names it would wait for', async () => {
  const holds = String.raw`from public\.tasks t\y[^;]* for update`;
  const found = await db.sql`select p.proname from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'verne'::regnamespace) and p.prosrc ~ ${holds} order by 1`;
  expect(found.map(({ proname }) => proname)).toEqual([]);
});
