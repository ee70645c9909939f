import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningSandbox, startSandbox } from '../support/sandbox.ts';
import { dataFolder, defectsOf, logOf } from '../support/sandbox-data.ts';
import { type Standby, startStandby } from '../support/standby.ts';
import { ask, confirm, untilTold } from '../support/story.ts';

/** Two gateways, of which one is connected, with the leases that a bot has by default. */
const PROMISED_MS = 10_000;
/** What is left of a lease that nobody gives back. */
const LEASE_MS = 6000;

let sandbox: RunningSandbox;
let second: Standby;
let data: Awaited<ReturnType<typeof dataFolder>>;
beforeAll(async () => {
  data = await dataFolder();
  sandbox = await startSandbox({ workers: 1, data: data.folder });
  await sandbox.drive('faults', { limits: 'off', latencyMs: 2 });
  second = await startStandby(await doorOf());
}, 60_000);
afterAll(async () => {
  await second?.end('SIGTERM');
  await sandbox?.stop();
  await data.remove();
});

async function doorOf() {
  const [door] = await sandbox.processes();
  if (!door?.roles.includes('gateway')) throw new Error('no gateway lives');
  return door;
}

const happened = async (event: string, pid?: number) =>
  (await logOf(data.folder)).filter((line) => line.event === event && (pid === undefined || line.pid === pid)).length;

const typed = { as: 'requester', name: 'jules', options: { repo: '' }, focused: 'repo' };
const isAnswered = async () => (await sandbox.drive('autocomplete', typed)).choices !== undefined;

/** Somebody types every now and then; one who is not heard waits three seconds, so others do not wait for that one. */
async function untilAnswered(): Promise<number> {
  const startedAt = performance.now();
  const heard = Promise.withResolvers<number>();
  const type = async () => {
    const askedAt = performance.now();
    if (await isAnswered()) heard.resolve(askedAt - startedAt);
  };
  // Those that nobody heard may end with the sandbox.
  const typing = setInterval(() => void type().catch(() => undefined), 200);
  const tooLate = setTimeout(() => heard.reject(new Error('nobody answers')), 2 * PROMISED_MS);
  try {
    return await heard.promise;
  } finally {
    clearInterval(typing);
    clearTimeout(tooLate);
  }
}

test('while one holds the gateway, the other is not connected', async () => {
  expect(await isAnswered()).toBe(true);
  expect(second.happened('lease.held')).toBe(false);
});

/** One of the sandbox is started again and may be the heir itself; the other one, once it holds the lease, keeps it. */
const holds = async () => (await happened('lease.held')) + Number(second.happened('lease.held'));

test('told to stop, a gateway gives its lease back, and people are answered before it would have lapsed', async () => {
  const { pid } = await doorOf();
  process.kill(pid, 'SIGTERM');
  await expect.poll(() => happened('verne.stopped'), { timeout: 10_000, interval: 30 }).toBe(1);
  expect(await untilAnswered()).toBeLessThan(LEASE_MS);
  expect(await holds()).toBe(2);
});

test('killed, a gateway has an heir that answers within ten seconds, and the story goes on', {
  timeout: 30_000,
}, async () => {
  const story = { prompt: 'Asked of the one, told by the other' };
  await ask(sandbox, story);
  await expect
    .poll(async () => happened('verne.started', (await sandbox.processes())[0]?.pid), { timeout: 10_000, interval: 30 })
    .toBe(1);
  if (second.happened('lease.held')) await second.end('SIGKILL');
  else process.kill((await doorOf()).pid, 'SIGKILL');
  const tookMs = await untilAnswered();
  expect(tookMs).toBeLessThan(PROMISED_MS);
  expect(await holds()).toBe(3);
  await confirm(sandbox, story);
  await untilTold(sandbox, story);
  expect(await defectsOf(data.folder)).toEqual([]);
});
