import { afterAll, beforeAll, expect, test } from 'vitest';
import { openKey, readKeyring } from '#guilds/keyring.ts';
import { keyBreakers } from '#jules/breaker.ts';
import { julesClient } from '#jules/client.ts';
import { sessionsAtJules } from '#jules/sessions.ts';
import { taskId } from '#kernel/ids.ts';
import { type JulesServer, startJules } from '#sandbox/jules/server.ts';
import { approvePlan } from '#tasks/approve-plan.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { followSession } from '#tasks/follow-session.ts';
import { openSession } from '#tasks/open-session.ts';
import { readTask } from '#tasks/read-task.ts';
import { requestTask } from '#tasks/request-task.ts';
import type { TaskView } from '#tasks/task.ts';
import type { TaskDeps } from '#tasks/work.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aDelivery, anApprover, aRequester, aServer, MASTER_KEYS, someSources, WINDOWS } from '../support/tasks.ts';

/** What real calls of the client find at the simulated Jules, whose clock stands still until it is moved. */
let db: TestDatabase;
let jules: JulesServer;
let deps: TaskDeps;
beforeAll(async () => {
  db = await freshDatabase();
  jules = await startJules({ virtual: true });
  const id = await aServer(db, { perDay: 1000, atOnce: 1000 });
  await someSources(db, id);
  const source = { owner: 'octo', repo: 'repo', defaultBranch: 'main', branches: ['main'] };
  jules.control.addAccount({ key: `key-of-${id}`, label: 'octo', sources: [source], plan: 'ultra' });
  const keyring = readKeyring(MASTER_KEYS);
  const sessions = sessionsAtJules({
    client: julesClient({ apiBase: jules.url, fetch, timeoutMs: 10_000, createTimeoutMs: 30_000 }),
    breakers: keyBreakers({ openMs: 60_000 }),
    open: (key) => openKey(db.rpc, keyring, key),
    createTimeoutMs: 30_000,
  });
  deps = { rpc: db.rpc, sessions, windows: WINDOWS };
});
afterAll(async () => {
  await jules?.close();
  await db?.close();
});

const lane = async ({ id }: TaskView) => {
  const [row] = await db.sql`select verne.now() as now`;
  return aDelivery('task', id, { now: row?.now as Date });
};
const follow = async (task: TaskView) => {
  await followSession(deps, await lane(task));
  const found = await readTask(db.rpc, taskId(task.id));
  if (!found) throw new Error('the task is gone');
  return found;
};
/** So much time passes for both. */
async function passes(ms: number) {
  jules.control.advance(ms);
  await moveClock(db.sql, ms);
}

let asked = 0;
async function started(scenario: string, planReview = false): Promise<TaskView> {
  jules.control.script({ scenario, next: true });
  const wish = { requestKey: `at-jules-${++asked}`, prompt: `Mend it, ${asked}`, planReview };
  const outcome = await requestTask(db.rpc, aRequester(), wish);
  if (outcome.kind !== 'requested') throw new Error(outcome.kind);
  await decideTask(db.rpc, anApprover(), { taskId: taskId(outcome.task.id), verb: 'confirm' });
  await openSession(deps, await lane(outcome.task));
  await passes(6000);
  return outcome.task;
}
const SETTLED_MS = 5 * WINDOWS.followSoonMs + 1000;

test('a plan that Jules drops in the moment of its approval is made again, not called finished without changes', async () => {
  const task = await started('dropped_plan');
  expect((await follow(task)).session?.phase).toBe('working');
  expect((await follow(task)).session?.phase).toBe('finishing');
  await passes(SETTLED_MS);
  const renewed = await follow(task);
  expect(renewed).toMatchObject({ status: 'in_progress', session: { recreated: 1 } });
  await openSession(deps, await lane(task));
  await passes(6000);
  await follow(task);
  await passes(60_000);
  expect((await follow(task)).pr_url).toMatch(/\/pull\/\d+$/);
  expect(jules.control.truth.filter(({ kind }) => kind === 'approved')).toHaveLength(1);
});

test('where a person had read it, that person is told that the approval came too late', async () => {
  const task = await started('dropped_plan', true);
  const waiting = await follow(task);
  expect(waiting.session?.phase).toBe('plan_review');
  await approvePlan(db.rpc, anApprover(), taskId(task.id), waiting.plan_hash ?? '');
  await follow(task);
  await follow(task);
  await passes(SETTLED_MS);
  expect(await follow(task)).toMatchObject({
    status: 'in_progress',
    verbs: expect.arrayContaining(['plan_again']),
    session: { phase: 'plan_expired', plan_approved_by: anApprover().id, recreated: 0 },
  });
});

test('a session that ran while nobody looked is not run again', async () => {
  const task = await started('no_pr');
  await follow(task);
  await passes(120_000);
  await follow(task);
  await passes(SETTLED_MS);
  expect(await follow(task)).toMatchObject({ status: 'completed', session: { phase: 'done_nothing', recreated: 0 } });
});

test('a session that says it is done and stays at work is called silent, and what it made can be saved', async () => {
  const task = await started('done_stays');
  await follow(task);
  await passes(60_000);
  await follow(task);
  await passes(WINDOWS.silentMs.done);
  const silent = await follow(task);
  expect(silent.session).toMatchObject({
    phase: 'working',
    silence: expect.any(String),
    progress: { said_done: true },
  });
  expect(silent.verbs).toEqual(expect.arrayContaining(['publish', 'get_patch']));
  const [kept] = await db.sql`select patch from verne.patches where task_id = ${task.id}`;
  expect(kept?.patch).toMatch(/^diff --git a\/notes\/.*\n$/s);
});

test('a session that was deleted there fails its task, and a look that finds none by mistake does not', async () => {
  const task = await started('hang');
  await follow(task);
  jules.control.fault({ on: 'get', kind: 'not_found' });
  expect((await follow(task)).status).toBe('in_progress');
  await passes(WINDOWS.followSoonMs);
  const going = await follow(task);
  expect(going.status).toBe('in_progress');
  jules.control.script({ session: going.session?.name, do: 'delete' });
  await follow(task);
  await passes(WINDOWS.deletedMs);
  expect(await follow(task)).toMatchObject({ status: 'failed', session: { deleted: true } });
});
