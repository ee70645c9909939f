import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Consumer } from '#events/consume.ts';
import { type Delivery, done } from '#kernel/handler.ts';
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

function consume(wish: Parameters<typeof quickConsumer>[0]) {
  const started = quickConsumer(wish);
  consumers.push(started.consumer);
  return started;
}

test('a fact reaches the handler of each subscriber that hears its topic, and is settled', async () => {
  await runtime.subscribe('one.all', ['one.*'], 'each');
  await runtime.subscribe('one.some', ['one.told'], 'latest');
  const heard: Delivery[] = [];
  const keep = async (delivery: Delivery) => {
    heard.push(delivery);
    return done;
  };
  const id = await runtime.publish('one.told', 'one:1', { a: 1 });
  consume({ rpc: db.rpc, handlers: { 'one.all': keep, 'one.some': keep } });
  await expect.poll(() => runtime.sql`select from verne.deliveries where state = 'done'`).toHaveLength(2);
  expect(heard.map(({ subscriber }) => subscriber).sort()).toEqual(['one.all', 'one.some']);
  expect(heard[0]).toMatchObject({ key: 'one:1', attempts: 1, event: { id, topic: 'one.told', payload: { a: 1 } } });
});
