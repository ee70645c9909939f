import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RemoteFailure } from '#kernel/errors.ts';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { openSession } from '#tasks/open-session.ts';
import { readTask } from '#tasks/read-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import {
  aDelivery,
  anApprover,
  aRequester,
  aServer,
  aSession,
  aTask,
  type FakeJules,
  fakeJules,
  someSources,
  WINDOWS,
} from '../support/tasks.ts';

let db: TestDatabase;
let jules: FakeJules;
beforeAll(async () => {
  db = await freshDatabase();
  await someSources(db, await aServer(db));
});
afterAll(() => db.close());
beforeEach(() => {
  jules = fakeJules();
});

const deps = () => ({ rpc: db.rpc, sessions: jules, windows: WINDOWS });
const now = async () => (await db.sql`select verne.now() as now`)[0]?.now as Date;
const open = async ({ id }: TaskView) => openSession(deps(), aDelivery('task', id, { now: await now() }));
const sessionOf = async ({ id }: TaskView) => (await db.sql`select * from verne.sessions where task_id = ${id}`)[0];
const creates = () => jules.calls.filter((call) => call === 'create').length;
const reset = () =>
  new RemoteFailure('the connection broke', { service: 'jules', code: 'network', retry: 'soon', unknownOutcome: true });

describe('the straight way', () => {
  test('one POST, with the marker in title and prompt, and the session is the task’s', async () => {
    const task = await aTask(db, anApprover());
    expect(await open(task)).toEqual({ kind: 'done' });
    const session = await sessionOf(task);
    expect(session).toMatchObject({ name: jules.sessions[0]?.name, phase: 'planning', attempted_at: null });
    expect(jules.sessions[0]?.title).toBe(`Fix the test [${session?.marker}]`);
    expect(jules.sessions[0]?.prompt).toBe(`Fix the test\n\n[${session?.marker}]`);
    expect(await open(task)).toEqual({ kind: 'done' });
    expect(creates()).toBe(1);
  });

  test('the intent is committed before the call goes out', async () => {
    const task = await aTask(db, anApprover());
    let atCall: unknown;
    const create = jules.create;
    jules.create = async (key, wish, options) => {
      const mayBegin = async () => {
        const may = await options.mayBegin();
        atCall = (await sessionOf(task))?.attempted_at;
        return may;
      };
      return create(key, wish, { ...options, mayBegin });
    };
    await open(task);
    expect(atCall).toBeInstanceOf(Date);
  });

  test('two workers at once make one session', async () => {
    const task = await aTask(db, anApprover());
    await Promise.all([open(task), open(task), open(task)]);
    expect(creates()).toBe(1);
  });
});

describe('an unknown outcome', () => {
  test('a session that was made although the call failed is found by its marker', async () => {
    const task = await aTask(db, anApprover());
    jules.failing.set('after create', reset());
    expect((await open(task)).kind).toBe('wait');
    expect(await open(task)).toEqual({ kind: 'done' });
    expect(await sessionOf(task)).toMatchObject({ name: jules.sessions[0]?.name, attempted_at: null });
    expect(creates()).toBe(1);
  });

  test('a session whose prompt quotes another marker is found by its own', async () => {
    const task = await aTask(db, anApprover(), { prompt: 'As in [verne:0123456789abcdef0123], but for the docs' });
    jules.failing.set('after create', reset());
    await open(task);
    expect(await open(task)).toEqual({ kind: 'done' });
    expect(await sessionOf(task)).toMatchObject({ name: jules.sessions[0]?.name });
  });

  test('it is not created again before the whole window has passed, then it is', async () => {
    const task = await aTask(db, anApprover());
    jules.failing.set('create', reset());
    await open(task);
    await moveClock(db.sql, WINDOWS.intentMs - 20_000);
    // Twice: where the first look gave the intent up, the second one would create.
    for (let look = 0; look < 2; look += 1) expect((await open(task)).kind).toBe('wait');
    expect(creates()).toBe(1);
    await moveClock(db.sql, 21_000);
    await open(task); // sees that the window is over
    expect(await open(task)).toEqual({ kind: 'done' });
    expect(creates()).toBe(2);
  });

  test('the oldest of several with one marker is taken, the others are strays', async () => {
    const task = await aTask(db, anApprover());
    jules.failing.set('create', reset());
    await open(task);
    const marker = String((await sessionOf(task))?.marker);
    const twin = (name: string) => aSession({ name: name as never, title: `x [${marker}]` });
    jules.sessions = [twin('sessions/new'), aSession({ name: 'sessions/else' as never }), twin('sessions/old')];
    await open(task);
    expect((await sessionOf(task))?.name).toBe('sessions/old');
    expect(await db.sql`select name from verne.strays where task_id = ${task.id}`).toMatchObject([
      { name: 'sessions/new' },
    ]);
  });

  test('after three attempts nobody creates a fourth: a person is told and decides', async () => {
    const task = await aTask(db, anApprover());
    for (let attempt = 0; attempt < 3; attempt += 1) {
      jules.failing.set('create', reset());
      await open(task);
      await moveClock(db.sql, WINDOWS.intentMs + 1000);
      await open(task);
    }
    expect(await open(task)).toEqual({ kind: 'done' });
    expect(creates()).toBe(3);
    expect((await readTask(db.rpc, taskId(task.id)))?.session).toMatchObject({
      phase: 'unsure',
      unsure_because: 'attempts',
    });
    const notes =
      await db.sql`select facts from verne.messages where subject = ${`task:${task.id}`} and view = 'outcome'`;
    expect(notes).toMatchObject([{ facts: { phase: 'unsure' } }]);
  });

  test('a task that is cancelled while its session may still land is watched to the end of the window', async () => {
    const task = await aTask(db, anApprover());
    jules.failing.set('after create', reset());
    await open(task);
    await decideTask(db.rpc, anApprover(), { taskId: taskId(task.id), verb: 'cancel' });
    expect(await open(task)).toEqual({ kind: 'done' });
    expect((await sessionOf(task))?.name).toBe(jules.sessions[0]?.name); // following archives it, and never approves its plan
  });
});

describe('a certain refusal', () => {
  test('a limit gives the attempt back and waits as long as Jules says, uncounted', async () => {
    const task = await aTask(db, anApprover());
    jules.failing.set(
      'create',
      new RemoteFailure('quota', { service: 'jules', code: 429, retry: { afterMs: 7000 }, uncounted: true }),
    );
    const answer = { kind: 'retry', reason: 'quota', afterMs: 7000, named: true, uncounted: true };
    expect(await open(task)).toEqual(answer);
    expect(await sessionOf(task)).toMatchObject({ attempts: 0, attempted_at: null });
    expect((await readTask(db.rpc, taskId(task.id)))?.last_error).toBe('quota');
  });

  test.each([401, 403, 'no_key'])(
    'a refused key (%s) fails the task with a sentence that says what to do',
    async (code) => {
      const task = await aTask(db, anApprover());
      jules.failing.set('create', new RemoteFailure('no.', { service: 'jules', code, retry: 'never' }));
      await open(task);
      const after = await readTask(db.rpc, taskId(task.id));
      expect(after).toMatchObject({ status: 'failed', session: { phase: 'failed' } });
      expect(after?.last_error).toContain('/config key');
    },
  );

  test('a repository that Jules does not list any more fails the task, after asking Jules once more', async () => {
    const guild = '970000000000000001';
    await aServer(db, { guild });
    const task = await aTask(db, anApprover({ guild }));
    jules.sources = [];
    await open(task);
    expect(jules.calls).toEqual(['listSources']);
    expect((await readTask(db.rpc, taskId(task.id)))?.last_error).toContain('cannot reach octo/repo');
  });

  test('a branch that is new to the cache is found by asking once more', async () => {
    const guild = '970000000000000002';
    await aServer(db, { guild });
    const task = await aTask(db, anApprover({ guild }));
    expect(await open(task)).toEqual({ kind: 'done' });
    expect(jules.calls).toEqual(['listSources', 'create']);
  });
});

test('an outage of Jules uses up no tries', async () => {
  const task = await aTask(db, anApprover());
  jules.failing.set('create', new RemoteFailure('down', { service: 'jules', code: 'network', retry: 'soon' }));
  expect(await open(task)).toMatchObject({ kind: 'retry', uncounted: true });
  expect(await sessionOf(task)).toMatchObject({ attempts: 0 });
});

describe('limits of an account', () => {
  test('no more run at once than the account allows, and a place that falls free is filled', async () => {
    const guild = '960000000000000001';
    await aServer(db, { guild, atOnce: 2 });
    const approver = anApprover({ guild });
    const tasks: TaskView[] = [];
    for (let at = 0; at < 4; at += 1) tasks.push(await aTask(db, approver));
    const phases = async () => Promise.all(tasks.map(async ({ id }) => (await readTask(db.rpc, taskId(id)))?.session));
    expect((await phases()).map((session) => session?.queue?.place ?? session?.phase)).toEqual([
      'opening',
      'opening',
      1,
      2,
    ]);
    await decideTask(db.rpc, approver, { taskId: taskId(tasks[0]?.id ?? ''), verb: 'cancel' });
    expect((await phases()).map((session) => session?.queue?.place ?? session?.phase)).toEqual([
      'stopped',
      'opening',
      'opening',
      1,
    ]);
  });

  test('no more start in 24 hours than the account allows', async () => {
    const guild = '960000000000000002';
    await aServer(db, { guild, perDay: 1 });
    const first = await aTask(db, anApprover({ guild }));
    const second = await aTask(db, anApprover({ guild }));
    await decideTask(db.rpc, anApprover({ guild }), { taskId: taskId(first.id), verb: 'cancel' });
    expect((await readTask(db.rpc, taskId(second.id)))?.session?.queue?.place).toBe(1);
    await moveClock(db.sql, 24 * 3_600_000 + 1000);
    const [{ account_id: account } = { account_id: '' }] =
      await db.sql`select account_id from verne.sessions where task_id = ${second.id}`;
    await db.rpc('record_sweep', { account_id: account, seen: [] });
    expect((await readTask(db.rpc, taskId(second.id)))?.session?.phase).toBe('opening');
  });

  test('a server with nothing running goes before one that runs much, whoever asked first', async () => {
    const [busy, quiet] = ['960000000000000003', '960000000000000004'];
    await aServer(db, { guild: busy, atOnce: 2, fingerprint: 'shared' });
    await aServer(db, { guild: quiet, atOnce: 2, fingerprint: 'shared' });
    const ofBusy = [];
    for (let at = 0; at < 3; at += 1) ofBusy.push(await aTask(db, anApprover({ guild: busy })));
    const late = await aTask(db, anApprover({ guild: quiet }));
    await decideTask(db.rpc, anApprover({ guild: busy }), { taskId: taskId(ofBusy[0]?.id ?? ''), verb: 'cancel' });
    expect((await readTask(db.rpc, taskId(late.id)))?.session?.phase).toBe('opening');
    expect((await readTask(db.rpc, taskId(ofBusy[2]?.id ?? '')))?.session?.queue?.place).toBe(1);
  });
});

test('a requester’s task has no session before it is confirmed', async () => {
  const task = await aTask(db, aRequester());
  expect(await open(task)).toEqual({ kind: 'done' });
  expect(jules.calls).toEqual([]);
});
