import type { Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { IMPATIENT, type Process, type RunningSandbox, startSandbox } from '../support/sandbox.ts';
import { dataFolder, defectsOf, logOf, openDatabase } from '../support/sandbox-data.ts';
import { startStandby } from '../support/standby.ts';
import { askOnce, confirmOnce } from '../support/steadfast.ts';
import { expectToldOnce, type Story, sessionsOf, untilTold } from '../support/story.ts';

/**
 * Verne in three processes: one keeps the doors, two work. Leases are those of an impatient bot, a second long; a call
 * that creates a session may take six, so that a process can be in it for longer than it is given to end.
 */
const ENV = { ...IMPATIENT, VERNE_JULES_CREATE_TIMEOUT_MS: '6000', VERNE_JULES_INTENT_MS: '7000' };
/** Of somebody's machine; without `--database env` they are not the bot's. */
const STRAY = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', SUPABASE_URL: 'http://127.0.0.1:1' };

let sandbox: RunningSandbox;
let sql: Sql;
let data: Awaited<ReturnType<typeof dataFolder>>;
beforeAll(async () => {
  data = await dataFolder();
  sandbox = await startSandbox({ workers: 2, data: data.folder, env: { ...ENV, ...STRAY } });
  sql = await openDatabase(data.folder);
  await sandbox.drive('faults', { limits: 'off', latencyMs: 2 });
  await sandbox.drive('jules', { settings: { planExpiresMs: 4_000_000 } });
}, 60_000);
afterAll(async () => {
  await sql?.end({ timeout: 5 });
  await sandbox?.stop();
  await data.remove();
});
afterEach(() => sandbox.drive('faults', { clear: true, limits: 'off', latencyMs: 2 }));

const told: Story[] = [];
/** Asks and confirms; `untilTold` or the last test looks at the end of it. */
async function begin(prompt: string): Promise<Story> {
  const story = { prompt };
  told.push(story);
  await askOnce(sandbox, sql, story);
  await confirmOnce(sandbox, story);
  return story;
}

const slowCreate = (ms: number) => sandbox.drive('faults', { jules: { on: 'create', kind: 'slow', ms, times: 1 } });

const poll = <Value>(read: () => Promise<Value>, timeout = 20_000) => expect.poll(read, { timeout, interval: 30 });
const alive = async () => (await sandbox.processes()).map(({ pid }) => pid);
const happened = async (event: string, pid?: number) =>
  (await logOf(data.folder)).filter((line) => line.event === event && (pid === undefined || line.pid === pid)).length;

/** The process that opens the story's session now, told by the name that it claims under. */
async function openerOf({ prompt }: Story): Promise<number | undefined> {
  const [held] = await sql<{ worker: string }[]>`
    select d.worker from verne.deliveries d join public.tasks t on d.key = 'task:' || t.id
    where t.prompt = ${prompt} and d.subscriber = 'tasks.open_session' and d.state = 'open' and d.worker is not null`;
  return held ? Number.parseInt(held.worker, 10) : undefined;
}

/** The processes that have settled an opening of the story's session, told by their log. */
async function openersOf({ prompt }: Story): Promise<(number | undefined)[]> {
  const [task] = await sql<{ id: string }[]>`select id from public.tasks where prompt = ${prompt}`;
  const settled = (await logOf(data.folder)).filter(
    (line) =>
      line.event === 'delivery.settled' &&
      line.subscriber === 'tasks.open_session' &&
      line.subject === `task:${task?.id}`,
  );
  return settled.map(({ pid }) => pid);
}

async function untilOpening(story: Story): Promise<number> {
  await sandbox.until('its session at Jules', (state) => sessionsOf(state, story)[0]);
  await poll(() => openerOf(story)).toBeDefined();
  return (await openerOf(story)) ?? 0;
}

/** Ends one process and waits until its successor is up. */
async function replace({ pid }: Process, signal: NodeJS.Signals): Promise<void> {
  const before = await alive();
  process.kill(pid, signal);
  const successor = async () => (await alive()).find((one) => !before.includes(one));
  await poll(successor).toBeDefined();
  const heir = await successor();
  await poll(() => happened('verne.started', heir)).toBe(1);
}

const GRACE_S = 3;
const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

test('one process keeps the doors, two work, and the story is told once', async () => {
  const processes = await sandbox.processes();
  expect(processes.map(({ roles }) => roles)).toEqual(['gateway,http', 'worker', 'worker']);
  for (const { env } of processes) expect(Object.keys(env).filter((name) => name in STRAY)).toEqual([]);
  await untilTold(sandbox, await begin('Told by three'));
});

test('a worker that is killed at its work: another takes it over', async () => {
  await slowCreate(5000);
  const story = await begin('Killed at work');
  const victim = await untilOpening(story);
  process.kill(victim, 'SIGKILL');
  await untilTold(sandbox, story);
  const settlers = await openersOf(story);
  expect(settlers.map((pid) => typeof pid)).toContain('number');
  expect(settlers).not.toContain(victim);
  expect(sessionsOf(await sandbox.state(), story)).toHaveLength(1);
});

test('a worker that is told to stop ends what it does first, and nobody does that again', async () => {
  await poll(alive).toHaveLength(3);
  await slowCreate(1500);
  const story = await begin('Told to stop');
  const worker = await untilOpening(story);
  const ends = await happened('verne.stopped');
  process.kill(worker, 'SIGTERM');
  await poll(() => happened('verne.stopped'), 5000).toBe(ends + 1);
  expect(await openerOf(story)).toBeUndefined();
  await untilTold(sandbox, story);
  const took = await sql`
    select from verne.failures f join verne.deliveries d on d.id = f.delivery_id where d.subscriber = 'tasks.open_session'
    and d.key = (select 'task:' || id from public.tasks where prompt = ${story.prompt})`;
  expect(took).toEqual([]);
});

test(`told to stop and killed ${GRACE_S} s later, in the middle of a call, it leaves a session that is found`, async () => {
  await poll(alive).toHaveLength(3);
  await slowCreate(5500);
  const story = await begin('Killed while it drains');
  const worker = await untilOpening(story);
  process.kill(worker, 'SIGTERM');
  await pause(GRACE_S * 1000);
  expect(await openerOf(story)).toBe(worker);
  process.kill(worker, 'SIGKILL');
  await untilTold(sandbox, story);
  expect(sessionsOf(await sandbox.state(), story)).toHaveLength(1);
});

/** The long run tells more of them. */
const LOAD = process.env['VERNE_LONG_RUN'] === '1' ? 12 : 5;
const EVERY_MS = 800;

test(`${LOAD} stories during a rolling restart are told, each once`, { timeout: 60_000 }, async () => {
  await poll(alive).toHaveLength(3);
  const asked = (async () => {
    for (let at = 1; at <= LOAD; at += 1) {
      await begin(`Rolling story ${at};`);
      await pause(EVERY_MS);
    }
  })();
  const ends = await happened('verne.stopped');
  const [door, first, second] = (await sandbox.processes()) as [Process, Process, Process];
  for (const one of [first, second, door]) await replace(one, 'SIGTERM');
  expect(await happened('verne.stopped')).toBe(ends + 3);
  const [, worker] = (await sandbox.processes()) as [Process, Process];
  await replace(worker, 'SIGKILL');
  await asked;
  for (let at = 1; at <= LOAD; at += 1) await untilTold(sandbox, { prompt: `Rolling story ${at};` });
});

test('a gateway that froze, and thaws after another took its place, does nothing a second time', async () => {
  await poll(alive).toHaveLength(3);
  const [door] = (await sandbox.processes()) as [Process];
  const heir = await startStandby(door);
  const losses = await happened('lease.lost');
  process.kill(door.pid, 'SIGSTOP');
  await heir.until('The gateway is ready', 10_000);
  const story = await begin('Heard by two');
  process.kill(door.pid, 'SIGCONT');
  await poll(() => happened('lease.lost')).toBe(losses + 1);
  await untilTold(sandbox, story);
  await heir.end('SIGTERM');
  await untilTold(sandbox, await begin('Heard again'));
});

test('nothing is lost, nothing doubled, and no process met a fault of its own', async () => {
  await pause(Number(ENV.VERNE_DISCORD_INTENT_MS));
  const state = await sandbox.state();
  for (const story of told) expectToldOnce(state, story);
  expect(state.sessions.filter(({ approved }) => approved)).toHaveLength(told.length);
  expect(state.messages.filter(({ content }) => content.startsWith('✅ PR ready'))).toHaveLength(told.length);
  const [tasks] = await sql<{ count: number }[]>`select count(*)::int as count from public.tasks`;
  expect(tasks?.count).toBe(told.length);
  expect(await defectsOf(data.folder)).toEqual([]);
});
