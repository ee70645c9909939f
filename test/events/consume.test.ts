import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Consumer } from '#events/consume.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { type Answer, type Delivery, done, type Handler } from '#kernel/handler.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { quickConsumer, runtimeOf } from './support.ts';

let db: TestDatabase;
let runtime: ReturnType<typeof runtimeOf>;
const consumers: Consumer[] = [];

beforeAll(async () => {
  db = await freshDatabase();
  runtime = runtimeOf(db);
});
afterAll(() => db.close());
afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.stop({ graceMs: 0 })));
});

function consume(handlers: Record<string, Handler>, wish: Partial<Parameters<typeof quickConsumer>[0]> = {}) {
  const started = quickConsumer({ rpc: db.rpc, handlers, ...wish });
  consumers.push(started.consumer);
  const settled = () => started.lines.filter(({ event }) => event === 'delivery.settled');
  return { ...started, settled };
}

const away = new RemoteFailure('The database is away.', { service: 'database', code: 'ECONNREFUSED', retry: 'soon' });

const [INFO, WARN, ERROR] = [30, 40, 50];

/** Calls that can be counted, and the database that can be taken away. */
function watched() {
  const calls: string[] = [];
  let isAway = false;
  const rpc: Rpc = async (name, args) => {
    calls.push(name);
    if (isAway) throw away;
    return db.rpc(name, args);
  };
  const count = (name: string) => calls.filter((called) => called === name).length;
  const takeAway = (is: boolean) => {
    isAway = is;
  };
  return { rpc, count, takeAway };
}

/** A handler that works until it is let go, or broken off. */
function gate(answer: Answer = done) {
  const begun: Delivery[] = [];
  const open = Promise.withResolvers<void>();
  const handler: Handler = async (delivery) => {
    begun.push(delivery);
    const broken = Promise.withResolvers<never>();
    delivery.signal.addEventListener('abort', () => broken.reject(delivery.signal.reason));
    await Promise.race([open.promise, broken.promise]);
    return answer;
  };
  return { begun, handler, open: () => open.resolve() };
}

const stateOf = async (subscriber: string) => (await runtime.deliveries(subscriber)).map(({ state }) => state);

test('a fact reaches the handler of each subscriber that hears its topic, and is settled with one line', async () => {
  await runtime.subscribe('one.all', ['one.*'], 'each');
  await runtime.subscribe('one.some', ['one.told'], 'latest');
  await runtime.subscribe('one.unhandled', ['one.told'], 'latest');
  const heard: Delivery[] = [];
  const keep = async (delivery: Delivery) => {
    heard.push(delivery);
    return done;
  };
  const correlation = '6b1c8f1e-0f5e-4a3e-9a51-7f4f8f0b6a11';
  const id = await runtime.publish('one.told', 'one:1', { a: 1 }, { correlation });
  const { settled } = consume({ 'one.all': keep, 'one.some': keep });
  await expect.poll(settled).toHaveLength(2);
  expect(heard.map(({ subscriber }) => subscriber).sort()).toEqual(['one.all', 'one.some']);
  expect(heard[0]).toMatchObject({
    key: 'one:1',
    attempts: 1,
    event: { id, topic: 'one.told', payload: { a: 1 }, correlationId: correlation },
  });
  expect(heard[0]?.now).toBeInstanceOf(Date);
  expect(settled()[0]).toMatchObject({ subject: 'one:1', topic: 'one.told', attempt: 1, outcome: 'done', correlation });
  expect(settled()[0]).not.toHaveProperty('payload');
  expect(await stateOf('one.unhandled')).toEqual(['open']);
});

test('no more than the slots run at once, and a free slot is filled', async () => {
  await runtime.subscribe('slots.all', ['slots.told'], 'each');
  for (let index = 0; index < 5; index += 1) await runtime.publish('slots.told', `slots:${index}`);
  const { begun, handler, open } = gate();
  const { settled } = consume({ 'slots.all': handler }, { slots: 2, pollMs: 20 });
  await expect.poll(() => begun).toHaveLength(2);
  const claimed = () => db.sql`select from verne.deliveries where subscriber = 'slots.all' and worker is not null`;
  for (let look = 0; look < 5; look += 1) expect(await claimed()).toHaveLength(2);
  open();
  await expect.poll(settled).toHaveLength(5);
});

test('a wake claims at once, and many wakes are few claims', async () => {
  await runtime.subscribe('wake.all', ['wake.told'], 'each');
  const { rpc, count } = watched();
  const { begun, handler, open } = gate();
  const { consumer, settled } = consume({ 'wake.all': handler }, { rpc, slots: 1, pollMs: 60_000 });
  await expect.poll(() => count('claim_deliveries')).toBe(1);
  await expect.poll(() => consumer.isIdle()).toBe(true);
  await runtime.publish('wake.told', 'wake:1');
  await runtime.publish('wake.told', 'wake:2');
  for (let times = 0; times < 50; times += 1) consumer.wake();
  await expect.poll(() => begun).toHaveLength(1);
  for (let times = 0; times < 50; times += 1) consumer.wake();
  open();
  await expect.poll(settled).toHaveLength(2);
  await expect.poll(() => consumer.isIdle()).toBe(true);
  expect(count('claim_deliveries')).toBeLessThan(8);
});

test('a consumer whose slots were all filled claims again by itself', async () => {
  await runtime.subscribe('full.all', ['full.told'], 'each');
  for (let index = 0; index < 3; index += 1) await runtime.publish('full.told', `full:${index}`);
  const { settled } = consume({ 'full.all': async () => done }, { slots: 1, pollMs: 60_000 });
  await expect.poll(settled, { timeout: 3000 }).toHaveLength(3);
});

test('what is due again soon does not wait for the poll', async () => {
  await runtime.subscribe('soon.all', ['soon.told'], 'latest', { backoff_ms: 200 });
  await runtime.publish('soon.told', 'soon:1');
  const tries: number[] = [];
  const handler: Handler = async ({ attempts }) => {
    tries.push(attempts);
    return attempts < 3 ? { kind: 'retry', reason: 'not yet' } : done;
  };
  const { settled } = consume({ 'soon.all': handler }, { pollMs: 10_000, random: () => 0.5 });
  await expect.poll(settled, { timeout: 4000 }).toHaveLength(3);
  expect(tries).toEqual([1, 2, 3]);
  expect(settled().map(({ delay_ms }) => delay_ms)).toEqual([100, 200, undefined]);
});

test('a handler that works longer than the lease keeps it by its heartbeat', async () => {
  await runtime.subscribe('beat.all', ['beat.told'], 'each');
  await runtime.publish('beat.told', 'beat:1');
  const { begun, handler, open } = gate();
  const { rpc, count } = watched();
  const { settled } = consume({ 'beat.all': handler }, { rpc, leaseMs: 600, renewMs: 100 });
  await expect.poll(() => count('renew_deliveries'), { timeout: 5000 }).toBeGreaterThan(12);
  expect(begun).toHaveLength(1);
  open();
  await expect.poll(settled).toMatchObject([{ outcome: 'done', attempt: 1 }]);
  const [renewals, claims] = [count('renew_deliveries'), count('claim_deliveries')];
  await expect.poll(() => count('claim_deliveries')).toBeGreaterThan(claims + 10);
  expect(count('renew_deliveries')).toBeLessThanOrEqual(renewals + 1);
});

test('a handler whose lease was lost is told so, and what it answers is not stored', async () => {
  await runtime.subscribe('lost.all', ['lost.told'], 'each');
  await runtime.publish('lost.told', 'lost:1');
  const { begun, handler } = gate();
  const { settled } = consume({ 'lost.all': handler }, { renewMs: 50 });
  await expect.poll(() => begun).toHaveLength(1);
  // Another worker, for which the lease was over.
  await db.sql`update verne.deliveries set fence = fence + 1, attempts = attempts + 1 where subscriber = 'lost.all'`;
  await expect.poll(settled).toMatchObject([{ outcome: 'lost' }]);
  expect(begun[0]?.signal.aborted).toBe(true);
  expect(await runtime.deliveries('lost.all')).toMatchObject([{ state: 'open', last_error: null }]);
});

test('when renewals fail for longer than the lease, the handler is broken off', async () => {
  await runtime.subscribe('gone.all', ['gone.told'], 'each');
  await runtime.publish('gone.told', 'gone:1');
  const { begun, handler } = gate();
  const { rpc, takeAway } = watched();
  const { lines } = consume({ 'gone.all': handler }, { rpc, leaseMs: 300, renewMs: 50 });
  await expect.poll(() => begun).toHaveLength(1);
  takeAway(true);
  await expect.poll(() => begun[0]?.signal.aborted).toBe(true);
  expect(lines.map(({ event }) => event)).toContain('database.away');
});

test('a database that was away is found again, and said so once', async () => {
  await runtime.subscribe('back.all', ['back.told'], 'each');
  const { rpc, count, takeAway } = watched();
  takeAway(true);
  const { lines, settled } = consume({ 'back.all': async () => done }, { rpc, pollMs: 10 });
  await expect.poll(() => count('claim_deliveries')).toBeGreaterThan(3);
  await runtime.publish('back.told', 'back:1');
  takeAway(false);
  await expect.poll(settled, { timeout: 5000 }).toHaveLength(1);
  const words = lines.map(({ event }) => event);
  expect(words).toEqual(['database.away', 'database.back', 'delivery.settled']);
});

test('an answer that cannot be stored at once is stored when the database is back', async () => {
  await runtime.subscribe('kept.all', ['kept.told'], 'each');
  await runtime.publish('kept.told', 'kept:1');
  const { begun, handler, open } = gate();
  const { rpc, count, takeAway } = watched();
  const { settled } = consume({ 'kept.all': handler }, { rpc, leaseMs: 20_000 });
  await expect.poll(() => begun).toHaveLength(1);
  takeAway(true);
  open();
  await expect.poll(() => count('settle_delivery')).toBeGreaterThan(1);
  takeAway(false);
  await expect.poll(settled).toMatchObject([{ outcome: 'done', state: 'done' }]);
  expect(begun).toHaveLength(1);
});

test('a failure of another service, a defect and an impossible answer are each met as they deserve', async () => {
  await runtime.subscribe('met.all', ['met.told'], 'each', { backoff_ms: 3_600_000 });
  for (const key of ['met:limit', 'met:never', 'met:defect', 'met:nonsense', 'met:range'])
    await runtime.publish('met.told', key);
  const handler: Handler = async ({ key }) => {
    if (key === 'met:limit')
      throw new RemoteFailure('Too fast.', {
        service: 'discord',
        code: 429,
        retry: { afterMs: 60_000 },
        uncounted: true,
      });
    if (key === 'met:never') throw new RemoteFailure('Gone.', { service: 'discord', code: 404, retry: 'never' });
    if (key === 'met:nonsense') return { kind: 'wait', until: new Date(Number.NaN) };
    if (key === 'met:range') return { kind: 'retry', reason: 'later', afterMs: 1e15 };
    throw new TypeError('x is undefined');
  };
  const { lines, settled } = consume({ 'met.all': handler }, { random: () => 0.9 });
  await expect.poll(settled).toHaveLength(5);
  const byKey = new Map((await runtime.deliveries('met.all')).map((row) => [row.key, row]));
  expect(byKey.get('met:limit')).toMatchObject({ state: 'open', attempts: 0, last_error: 'Too fast.' });
  expect(byKey.get('met:never')).toMatchObject({ state: 'dead', last_error: 'Gone.' });
  expect(byKey.get('met:defect')).toMatchObject({ state: 'open', attempts: 1, last_error: 'x is undefined' });
  expect(byKey.get('met:nonsense')).toMatchObject({ state: 'open', attempts: 1 });
  expect(byKey.get('met:range')?.last_error).toMatch(/could not be stored/);
  const defects = lines.filter(({ event }) => event === 'delivery.defect');
  expect(defects.map(({ subject }) => subject).sort()).toEqual(['met:defect', 'met:nonsense']);
  expect(defects[0]?.err).toHaveProperty('stack');
  const levels = lines
    .filter(({ event }) => event === 'delivery.settled')
    .map(({ subject, level }) => [subject, level]);
  expect(Object.fromEntries(levels)).toMatchObject({ 'met:limit': INFO, 'met:never': ERROR, 'met:defect': WARN });
});

test('a delivery whose workers all crashed is dead without being run', async () => {
  await runtime.subscribe('crash.all', ['crash.told'], 'each', { max_attempts: 2 });
  await runtime.publish('crash.told', 'crash:1');
  await db.sql`update verne.deliveries set attempts = 2 where subscriber = 'crash.all'`;
  let runs = 0;
  const { settled } = consume({
    'crash.all': async () => {
      runs += 1;
      return done;
    },
  });
  await expect.poll(settled).toMatchObject([{ outcome: 'dead', error: expect.stringContaining('2 times') }]);
  expect(runs).toBe(0);
});

test('a clean stop lets work end, claims nothing more, and leaves nothing behind', async () => {
  await runtime.subscribe('stop.all', ['stop.told'], 'each');
  await runtime.publish('stop.told', 'stop:1');
  const { begun, handler, open } = gate();
  const { rpc, count } = watched();
  const { consumer, settled } = consume({ 'stop.all': handler }, { rpc, slots: 1 });
  await expect.poll(() => begun).toHaveLength(1);
  await runtime.publish('stop.told', 'stop:2');
  const stopping = consumer.stop({ graceMs: 10_000 });
  const claims = count('claim_deliveries');
  consumer.wake();
  open();
  await stopping;
  expect(settled()).toMatchObject([{ subject: 'stop:1', outcome: 'done' }]);
  expect(count('claim_deliveries')).toBe(claims);
  expect(await stateOf('stop.all')).toEqual(['done', 'open']);
  expect(await runtime.claim('stop.all')).toMatchObject([{ key: 'stop:2', attempts: 1 }]);
});

test('what does not end within the grace is broken off and handed back, its try not counted', async () => {
  await runtime.subscribe('grace.all', ['grace.told'], 'each');
  await runtime.publish('grace.told', 'grace:1');
  const { begun, handler } = gate();
  const { consumer, settled } = consume({ 'grace.all': handler }, { leaseMs: 60_000 });
  await expect.poll(() => begun).toHaveLength(1);
  await consumer.stop({ graceMs: 20 });
  expect(begun[0]?.signal.aborted).toBe(true);
  expect(settled()).toEqual([]);
  expect(await runtime.claim('grace.all')).toMatchObject([{ key: 'grace:1', attempts: 1 }]);
});

test('a handler that does not heed its signal keeps its lease, so that nobody works beside it', async () => {
  await runtime.subscribe('deaf.all', ['deaf.told'], 'each');
  await runtime.publish('deaf.told', 'deaf:1');
  const ending = Promise.withResolvers<Answer>();
  let isBegun = false;
  const deaf: Handler = () => {
    isBegun = true;
    return ending.promise;
  };
  const { consumer, lines } = consume({ 'deaf.all': deaf }, { leaseMs: 60_000 });
  await expect.poll(() => isBegun).toBe(true);
  await consumer.stop({ graceMs: 0 });
  expect(lines).toMatchObject([{ event: 'consumer.abandoned', deliveries: 1 }]);
  expect(await runtime.claim('deaf.all')).toEqual([]);
  ending.resolve(done);
});
