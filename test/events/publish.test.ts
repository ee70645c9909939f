import { afterAll, beforeAll, expect, test } from 'vitest';
import { tell } from '#events/tell.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { runtimeOf } from './support.ts';

let db: TestDatabase;
let runtime: ReturnType<typeof runtimeOf>;
beforeAll(async () => {
  db = await freshDatabase();
  runtime = runtimeOf(db);
});
afterAll(() => db.close());

const eventIds = async (subscriber: string) =>
  (await runtime.deliveries(subscriber)).map(({ event_id }) => String(event_id));

test('each: every fact is a delivery of its own', async () => {
  await runtime.subscribe('each.all', ['each.*'], 'each');
  const told = [await runtime.publish('each.one', 'e:1'), await runtime.publish('each.two', 'e:1')];
  expect(await eventIds('each.all')).toEqual(told);
});

test('latest: the newest fact folds into the open lane of its key', async () => {
  await runtime.subscribe('latest.all', ['latest.*'], 'latest');
  await runtime.publish('latest.one', 'l:1');
  const newest = await runtime.publish('latest.two', 'l:1');
  const other = await runtime.publish('latest.one', 'l:2');
  expect(await eventIds('latest.all')).toEqual([newest, other]);
  const claims = await runtime.claim('latest.all', 10);
  expect(claims.map(({ event }) => event.id).sort()).toEqual([newest, other].sort());
});

test('in_order: a lane walks the facts that it hears, one by one', async () => {
  await runtime.subscribe('order.some', ['order.*'], 'in_order');
  await runtime.publish('order.one', 'o:1');
  await runtime.publish('unheard.here', 'o:1');
  await runtime.publish('order.two', 'o:1');
  await runtime.publish('order.three', 'o:1');
  const topics = [];
  for (;;) {
    const [claim, second] = await runtime.claim('order.some', 10);
    expect(second).toBeUndefined();
    if (!claim) break;
    topics.push(claim.event.topic);
    await runtime.settle(claim, 'done');
  }
  expect(topics).toEqual(['order.one', 'order.two', 'order.three']);
});

test('an in_order lane whose topics left the subscription still ends', async () => {
  await runtime.subscribe('left.some', ['left.one', 'left.two'], 'in_order');
  await runtime.publish('left.one', 'left:1');
  await runtime.publish('left.two', 'left:1');
  await runtime.subscribe('left.some', ['left.three'], 'in_order');
  const [claim] = await runtime.claim('left.some');
  expect(claim?.event.topic).toBe('left.two');
  expect(await runtime.settle(claim!, 'done')).toMatchObject({ state: 'done' });
});

test('a fact is routed by pattern, to topics that appeared before and after the subscription', async () => {
  await runtime.publish('routed.failed', 'r:0');
  await runtime.subscribe('routed.word', ['routed.*'], 'each');
  await runtime.subscribe('routed.failures', ['*.failed'], 'each');
  await runtime.subscribe('routed.everything', ['**'], 'each');
  const before = await runtime.publish('routed.failed', 'r:1');
  const after = await runtime.publish('routed.begun', 'r:1');
  const deeper = await runtime.publish('routed.check.failed', 'r:1');
  expect(await eventIds('routed.word')).toEqual([before, after]);
  expect(await eventIds('routed.failures')).toEqual([before]);
  expect(await eventIds('routed.everything')).toEqual([before, after, deeper]);
  await runtime.sql`update verne.subscriptions set retired_at = now() where subscriber = 'routed.everything'`;
  await runtime.publish('routed.begun', 'r:2');
  expect(await eventIds('routed.everything')).toHaveLength(3);
});

test('a subscription that is changed hears by its new patterns only', async () => {
  await runtime.subscribe('changed.some', ['changed.one'], 'each');
  await runtime.publish('changed.one', 'c:1');
  await runtime.subscribe('changed.some', ['changed.two'], 'each');
  await runtime.publish('changed.one', 'c:2');
  await runtime.publish('changed.two', 'c:3');
  const keys = (await runtime.deliveries('changed.some')).map(({ key }) => key);
  expect(keys).toEqual(['c:1', 'c:3']);
});

test('a topic that appears while a subscription is being made is heard by it', async () => {
  let publishing: Promise<string> | undefined;
  await runtime.sql.begin(async (making) => {
    await making`select verne.subscribe('meanwhile.all', '{meanwhile.*}', 'each')`;
    publishing = runtime.publish('meanwhile.told', 'm:1');
    await expect
      .poll(() => db.sql`select from pg_stat_activity where datname = ${db.name} and wait_event_type = 'Lock'`)
      .toHaveLength(1);
  });
  const told = await publishing;
  expect(await eventIds('meanwhile.all')).toEqual([told]);
});

test('a fact told twice under one dedupe key is one event; another tenant has keys of its own', async () => {
  await runtime.subscribe('dedupe.all', ['dedupe.*'], 'each');
  const told = () => runtime.publish('dedupe.told', 'd:1', {}, { dedupe: 'one', tenant: 'a' });
  const first = await told();
  expect(await told()).toBe(first);
  const atOnce = await Promise.all(
    [2, 3, 4].map((n) => runtime.publish('dedupe.told', `d:${n}`, {}, { dedupe: 'one' })),
  );
  expect(new Set(atOnce).size).toBe(1);
  expect(atOnce).not.toContain(first);
  const other = await runtime.publish('dedupe.told', 'd:1', {}, { dedupe: 'one', tenant: 'b' });
  expect(other).not.toBe(first);
  expect(await eventIds('dedupe.all')).toHaveLength(3);
});

test('a door tells a fact with its level, source, cause and correlation', async () => {
  const correlation = '6b1c8f1e-0f5e-4a3e-9a51-7f4f8f0b6a11';
  const id = await tell(db.rpc, {
    topic: 'told.once',
    key: 'told:1',
    payload: { id: '7' },
    options: { level: 1, source: 'github', cause: '5', correlation, tenant: 't', dedupe: 'x' },
  });
  expect(await db.sql`select * from verne.events where id = ${id}`).toMatchObject([
    { topic: 'told.once', level: 1, source: 'github', causation_id: '5', correlation_id: correlation, tenant: 't' },
  ]);
});

test.each([
  ['a topic of one word', 'lonely', 'k:1', {}],
  ['a topic in capitals', 'Task.Failed', 'k:1', {}],
  ['a key without an id', 'bad.key', 'k', {}],
])('%s is refused by the table', async (_, topic, key, payload) => {
  await expect(runtime.publish(topic, key, payload)).rejects.toThrow();
});

test('a payload that is no object is refused by the table', async () => {
  await expect(db.sql`select verne.publish_event('bad.payload', 'k:1', '[1]')`).rejects.toThrow(/payload_is_an_object/);
});

test('a delay makes a fact due later, and later facts do not put it off', async () => {
  await runtime.subscribe('delay.all', ['delay.*'], 'latest', { delay_ms: 60_000 });
  await runtime.publish('delay.one', 'delay:1');
  await moveClock(db.sql, 40_000);
  const newest = await runtime.publish('delay.two', 'delay:1');
  expect(await runtime.claim('delay.all')).toEqual([]);
  await moveClock(db.sql, 20_001);
  const [claim] = await runtime.claim('delay.all');
  expect(claim?.event.id).toBe(newest);
});

test('news that comes while a delayed lane is worked on is delayed too', async () => {
  await runtime.subscribe('put.off', ['put.*'], 'latest', { delay_ms: 60_000 });
  await runtime.publish('put.one', 'put:1');
  await moveClock(db.sql, 60_001);
  const [claim] = await runtime.claim('put.off');
  await runtime.publish('put.two', 'put:1');
  const settled = await runtime.settle(claim!, 'done');
  expect(settled.state).toBe('open');
  expect(settled.due_in_ms).toBeGreaterThan(55_000);
  expect(settled.due_in_ms).toBeLessThanOrEqual(60_000);
});

test('who tells a fact about a key waits for the one who is telling another, so that ids are in commit order', async () => {
  await runtime.publish('turn.told', 'turn:0');
  let second: Promise<string> | undefined;
  const first = await db.sql.begin(async (telling) => {
    const [row] = await telling<{ id: string }[]>`select verne.publish_event('turn.told', 'turn:1')::text as id`;
    second = runtime.publish('turn.told', 'turn:1');
    await expect
      .poll(() => db.sql`select from pg_stat_activity where datname = ${db.name} and wait_event = 'advisory'`)
      .toHaveLength(1);
    await runtime.publish('turn.told', 'turn:2');
    return row?.id;
  });
  expect(Number(await second)).toBeGreaterThan(Number(first));
});

test('facts that many tell about one key at once are all seen, in the order of their ids', async () => {
  await runtime.subscribe('busy.lane', ['busy.*'], 'in_order');
  const publishOne = (key: string) =>
    db.sql.begin(async (transaction) => {
      await transaction`select verne.publish_event('busy.told', ${key})`;
      // Time in which another transaction could take a later number and commit first.
      await transaction`select pg_sleep(${Math.random() * 0.004})`;
    });
  const seen: number[] = [];
  let isPublished = false;
  const publishing = Promise.all(
    Array.from({ length: 3 }, async () => {
      for (let count = 0; count < 30; count += 1) await publishOne('busy:1');
    }),
  ).finally(() => {
    isPublished = true;
  });
  const walk = async () => {
    for (;;) {
      const wasPublished = isPublished;
      const [claim] = await runtime.claim('busy.lane');
      if (claim) {
        seen.push(Number(claim.event.id));
        await runtime.settle(claim, 'done');
      } else if (wasPublished) return;
    }
  };
  await Promise.all([publishing, walk()]);
  expect(seen).toHaveLength(90);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});
