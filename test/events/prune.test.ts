import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventHandlers } from '#events/handlers.ts';
import type { Delivery } from '#kernel/handler.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { runtimeOf } from './support.ts';

const DAY_MS = 86_400_000;

let db: TestDatabase;
let runtime: ReturnType<typeof runtimeOf>;
beforeAll(async () => {
  db = await freshDatabase();
  runtime = runtimeOf(db);
});
afterAll(() => db.close());

const now = new Date('2026-11-20T10:00:00Z');
const delivery: Delivery = {
  id: '1',
  subscriber: 'events.prune',
  key: 'service:verne',
  attempts: 1,
  now,
  event: { id: '1', topic: 'service.started', payload: {}, correlationId: '' },
  signal: new AbortController().signal,
};
const prune = () => eventHandlers({ rpc: db.rpc })['events.prune'](delivery);

const left = async () => ({
  deliveries: (await db.sql`select subscriber from verne.deliveries order by id`).map((row) => row.subscriber),
  events: (await db.sql`select topic from verne.events order by id`).map((row) => row.topic),
});

const KEPT = ['kept.dead', 'kept.open', 'kept.walks', 'kept.waits'];

test('settled deliveries live 30 days, events 90; what is open, dead or still needed lives on', async () => {
  await runtime.subscribe('kept.done', ['kept.done'], 'each');
  await runtime.subscribe('kept.dead', ['kept.dead'], 'each');
  await runtime.subscribe('kept.open', ['kept.open'], 'each');
  await runtime.subscribe('kept.walks', ['kept.walked'], 'in_order');
  await runtime.subscribe('kept.waits', ['kept.waited'], 'latest');
  for (const topic of ['kept.done', 'kept.dead', 'kept.open', 'kept.unheard']) await runtime.publish(topic, 'a:1');
  for (let count = 0; count < 3; count += 1) await runtime.publish('kept.walked', 'b:1');
  await runtime.publish('kept.waited', 'c:1');
  await runtime.publish('kept.waited', 'c:1');
  const [done] = await runtime.claim('kept.done');
  await runtime.settle(done!, 'done');
  const [dead] = await runtime.claim('kept.dead');
  await runtime.settle(dead!, 'dead', { error: 'poison' });
  const [walked] = await runtime.claim('kept.walks');
  await runtime.settle(walked!, 'done');
  const [waited] = await runtime.claim('kept.waits');
  await runtime.settle(waited!, 'wait', { until: '2100-01-01T00:00:00Z' });

  await moveClock(db.sql, 29 * DAY_MS);
  await prune();
  expect((await left()).deliveries).toContain('kept.done');
  await moveClock(db.sql, 2 * DAY_MS);
  expect(await prune()).toEqual({ kind: 'wait', until: new Date('2026-11-20T11:00:00Z') });
  expect((await left()).deliveries.filter((name) => name.startsWith('kept'))).toEqual(KEPT);
  expect((await left()).events.filter((topic) => topic.startsWith('kept'))).toHaveLength(9);

  await moveClock(db.sql, 60 * DAY_MS);
  await prune();
  const events = (await left()).events.filter((topic) => topic.startsWith('kept'));
  expect(events).toEqual(['kept.dead', 'kept.open', 'kept.walked', 'kept.walked', 'kept.waited']);
});

test('pruning goes on, a batch at a time, until nothing old is left', async () => {
  await db.sql`insert into verne.events (topic, key, at)
    select 'old.told', 'old:' || n, verne.now() - interval '91 days' from generate_series(1, 2500) n`;
  await prune();
  expect(await db.sql`select from verne.events where topic = 'old.told'`).toHaveLength(0);
});

test('pruning that is broken off stops between two batches', async () => {
  const broken = { ...delivery, signal: AbortSignal.abort(new Error('The process stops.')) };
  await expect(eventHandlers({ rpc: db.rpc })['events.prune'](broken)).rejects.toThrow('The process stops.');
});
