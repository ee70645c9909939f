import { afterAll, beforeAll, expect, test } from 'vitest';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { type Claim, runtimeOf } from './support.ts';

let db: TestDatabase;
let runtime: ReturnType<typeof runtimeOf>;
beforeAll(async () => {
  db = await freshDatabase();
  runtime = runtimeOf(db);
});
afterAll(() => db.close());

const NONE: Claim[] = [];
const failures = (id: string) =>
  db.sql<{ attempt: number; error: string }[]>`
    select attempt, error from verne.failures where delivery_id = ${id} order by id`;
const renew = (claims: readonly Claim[], leaseMs = 8000) =>
  db.rpc('renew_deliveries', {
    ids: claims.map(({ id }) => id),
    fences: claims.map(({ fence }) => fence),
    lease_ms: leaseMs,
  });
const giveBack = (claims: readonly Claim[]) =>
  db.rpc('return_deliveries', { ids: claims.map(({ id }) => id), fences: claims.map(({ fence }) => fence) });
const instantIn = async (ms: number) => {
  const [row] = await db.sql<{ at: Date }[]>`select verne.now() + ${ms} * interval '1 ms' as at`;
  return row!.at.toISOString();
};

async function oneOf(subscriber: string): Promise<Claim> {
  const [claim] = await runtime.claim(subscriber);
  if (!claim) throw new Error(`Nothing is due for ${subscriber}.`);
  return claim;
}

test('a claimed delivery is nobody else’s until its lease is over', async () => {
  await runtime.subscribe('lease.one', ['lease.told'], 'each');
  await runtime.publish('lease.told', 'lease:1');
  const claim = await oneOf('lease.one');
  expect(claim).toMatchObject({ attempts: 1, fence: '1', lease_ms: 8000, max_attempts: 12 });
  await moveClock(db.sql, 7000);
  expect(await runtime.claim('lease.one')).toEqual(NONE);
  await moveClock(db.sql, 1001);
  expect(await oneOf('lease.one')).toMatchObject({ id: claim.id, attempts: 2, fence: '2' });
});

test('a renewed lease lasts on, and who lost it is told so', async () => {
  await runtime.subscribe('renewed.one', ['renewed.told'], 'each');
  await runtime.publish('renewed.told', 'renewed:1');
  const claim = await oneOf('renewed.one');
  await moveClock(db.sql, 7000);
  expect(await renew([claim])).toEqual({ held: [claim.id] });
  await moveClock(db.sql, 7000);
  expect(await runtime.claim('renewed.one')).toEqual(NONE);
  await moveClock(db.sql, 1001);
  await oneOf('renewed.one');
  expect(await renew([claim])).toEqual({ held: [] });
});

test('a heartbeat does not wait for a publisher that holds the row', async () => {
  await runtime.subscribe('locked.one', ['locked.told'], 'latest');
  await runtime.publish('locked.told', 'locked:1');
  const claim = await oneOf('locked.one');
  await db.sql.begin(async (publisher) => {
    await publisher`select verne.publish_event('locked.told', 'locked:1')`;
    expect(await renew([claim])).toEqual({ held: [claim.id] });
    expect(await giveBack([claim])).toEqual({ returned: [] });
  });
  expect(await giveBack([claim])).toEqual({ returned: [claim.id] });
});

test('a worker that lost its lease changes nothing', async () => {
  await runtime.subscribe('stale.one', ['stale.told'], 'each');
  await runtime.publish('stale.told', 'stale:1');
  const stale = await oneOf('stale.one');
  await moveClock(db.sql, 8001);
  const heir = await oneOf('stale.one');
  const before = await runtime.deliveries('stale.one');
  for (const outcome of ['done', 'dead', 'retry', 'wait']) {
    expect(await runtime.settle(stale, outcome, { delay_ms: 0, until: await instantIn(0), error: 'x' })).toEqual({
      state: 'lost',
    });
  }
  expect(await giveBack([stale])).toEqual({ returned: [] });
  expect(await runtime.deliveries('stale.one')).toEqual(before);
  expect(await failures(heir.id)).toEqual([]);
  expect(await runtime.settle(heir, 'done')).toMatchObject({ state: 'done' });
  expect(await runtime.settle(heir, 'done')).toEqual({ state: 'lost' });
});

test('a lane is open again for news that came while it was worked on', async () => {
  await runtime.subscribe('news.one', ['news.told'], 'latest');
  await runtime.publish('news.told', 'news:1');
  const claim = await oneOf('news.one');
  const newest = await runtime.publish('news.told', 'news:1');
  expect(await runtime.claim('news.one')).toEqual(NONE);
  expect(await runtime.settle(claim, 'done')).toEqual({ state: 'open', due_in_ms: 0 });
  const again = await oneOf('news.one');
  expect(again).toMatchObject({ attempts: 1, event: { id: newest } });
  expect(await runtime.settle(again, 'done')).toEqual({ state: 'done', due_in_ms: null });
});

test('a lane that waits is due at its instant, or when there is news', async () => {
  await runtime.subscribe('wait.one', ['wait.told'], 'latest');
  await runtime.publish('wait.told', 'wait:1');
  const claim = await oneOf('wait.one');
  const settled = await runtime.settle(claim, 'wait', { until: await instantIn(60_000) });
  expect(settled.state).toBe('open');
  expect(settled.due_in_ms).toBeGreaterThan(59_000);
  expect(await runtime.claim('wait.one')).toEqual(NONE);
  await moveClock(db.sql, 60_000);
  await runtime.settle(await oneOf('wait.one'), 'wait', { until: await instantIn(60_000) });
  const news = await runtime.publish('wait.told', 'wait:1');
  expect(await oneOf('wait.one')).toMatchObject({ attempts: 1, event: { id: news } });
});

test('news that came while a handler chose to wait is not slept through', async () => {
  await runtime.subscribe('awake.one', ['awake.told'], 'latest');
  await runtime.publish('awake.told', 'awake:1');
  const claim = await oneOf('awake.one');
  await runtime.publish('awake.told', 'awake:1');
  expect(await runtime.settle(claim, 'wait', { until: await instantIn(60_000) })).toEqual({
    state: 'open',
    due_in_ms: 0,
  });
});

test('an in_order lane waits at its fact even where later ones are there, and news wakes it', async () => {
  await runtime.subscribe('queue.one', ['queue.told'], 'in_order');
  const first = await runtime.publish('queue.told', 'queue:1');
  await runtime.publish('queue.told', 'queue:1');
  const settled = await runtime.settle(await oneOf('queue.one'), 'wait', { until: await instantIn(60_000) });
  expect(settled.due_in_ms).toBeGreaterThan(59_000);
  expect(await runtime.claim('queue.one')).toEqual(NONE);
  await runtime.publish('queue.told', 'queue:1');
  expect((await oneOf('queue.one')).event.id).toBe(first);
});

test('a retry is due after its delay, counted, and news does not shorten it', async () => {
  await runtime.subscribe('retry.one', ['retry.told'], 'latest');
  await runtime.publish('retry.told', 'retry:1');
  await runtime.settle(await oneOf('retry.one'), 'retry', { delay_ms: 5000, error: 'first' });
  await runtime.publish('retry.told', 'retry:1');
  await moveClock(db.sql, 4000);
  expect(await runtime.claim('retry.one')).toEqual(NONE);
  await moveClock(db.sql, 1001);
  const again = await oneOf('retry.one');
  expect(again.attempts).toBe(2);
  expect(await failures(again.id)).toEqual([{ attempt: 1, error: 'first' }]);
});

test('an uncounted retry uses up no try and has a floor that news cannot lift', async () => {
  await runtime.subscribe('limit.one', ['limit.told'], 'latest', { max_attempts: 1 });
  await runtime.publish('limit.told', 'limit:1');
  for (let round = 0; round < 3; round += 1) {
    const claim = await oneOf('limit.one');
    expect(claim.attempts).toBe(1);
    const facts = { delay_ms: 30_000, error: 'too fast', counted: false };
    expect(await runtime.settle(claim, 'retry', facts)).toMatchObject({ state: 'open' });
    await runtime.publish('limit.told', 'limit:1');
    await moveClock(db.sql, 29_000);
    expect(await runtime.claim('limit.one')).toEqual(NONE);
    await moveClock(db.sql, 1001);
  }
  await runtime.settle(await oneOf('limit.one'), 'wait', { until: await instantIn(60_000) });
  await runtime.publish('limit.told', 'limit:1');
  expect(await runtime.claim('limit.one')).toHaveLength(1);
});

test('a delivery that used up its tries is dead and keeps their history', async () => {
  await runtime.subscribe('dead.one', ['dead.told'], 'each', { max_attempts: 2 });
  await runtime.publish('dead.told', 'dead:1');
  expect(await runtime.settle(await oneOf('dead.one'), 'retry', { delay_ms: 0, error: 'first' })).toEqual({
    state: 'open',
    due_in_ms: 0,
  });
  const last = await oneOf('dead.one');
  expect(await runtime.settle(last, 'retry', { delay_ms: 0, error: 'second' })).toEqual({ state: 'dead' });
  expect(await runtime.claim('dead.one')).toEqual(NONE);
  expect(await db.rpc('read_delivery', { id: last.id })).toMatchObject({
    state: 'dead',
    last_error: 'second',
    failures: [
      { attempt: 1, error: 'first' },
      { attempt: 2, error: 'second' },
    ],
  });
});

test.each(['latest', 'in_order'] as const)(
  'a poison fact of a lane (%s) dies alone and the lane goes on',
  async (mode) => {
    const subscriber = `poison.${mode}`;
    await runtime.subscribe(subscriber, [`poison_${mode}.*`], mode);
    const poison = await runtime.publish(`poison_${mode}.one`, 'poison:1');
    await runtime.settle(await oneOf(subscriber), 'retry', { delay_ms: 0, error: 'soft' });
    const claim = await oneOf(subscriber);
    const next = await runtime.publish(`poison_${mode}.two`, 'poison:1');
    expect(await runtime.settle(claim, 'dead', { error: 'hard' })).toEqual({ state: 'dead' });
    const goesOn = await oneOf(subscriber);
    expect(goesOn).toMatchObject({ id: claim.id, attempts: 1, event: { id: next } });
    expect(await runtime.settle(goesOn, 'done')).toMatchObject({ state: 'done' });
    const [lane, dead] = await runtime.deliveries(subscriber);
    expect(lane).toMatchObject({ state: 'done', last_error: null });
    expect(dead).toMatchObject({ state: 'dead', event_id: poison, lane: null, last_error: 'hard', attempts: 2 });
    expect((await failures(dead?.id)).map(({ error }) => error)).toEqual(['soft', 'hard']);
  },
);

test('a dead letter does not inherit the failures of facts that were handled before it', async () => {
  await runtime.subscribe('clean.one', ['clean.told'], 'latest');
  await runtime.publish('clean.told', 'clean:1');
  await runtime.settle(await oneOf('clean.one'), 'retry', { delay_ms: 0, error: 'of the first' });
  const claim = await oneOf('clean.one');
  await runtime.publish('clean.told', 'clean:1');
  await runtime.settle(claim, 'done');
  await runtime.settle(await oneOf('clean.one'), 'dead', { error: 'of the second' });
  const [, dead] = await runtime.deliveries('clean.one');
  expect((await failures(dead?.id)).map(({ error }) => error)).toEqual(['of the second']);
});

test('a subscription has its own tries, backoff and lease', async () => {
  await runtime.subscribe('rules.own', ['rules.told'], 'each', { max_attempts: 3, backoff_ms: 50, lease_ms: 60_000 });
  await runtime.publish('rules.told', 'rules:1');
  const [claim] = await runtime.claim('rules.own', 1, 5000);
  expect(claim).toMatchObject({ max_attempts: 3, backoff_ms: 50, lease_ms: 60_000 });
  await moveClock(db.sql, 59_000);
  expect(await runtime.claim('rules.own')).toEqual(NONE);
  await renew([claim!], 5000);
  await moveClock(db.sql, 59_000);
  expect(await runtime.claim('rules.own')).toEqual(NONE);
  await moveClock(db.sql, 1001);
  expect(await runtime.claim('rules.own')).toHaveLength(1);
});

test('what is handed back is due at once, and its try does not count', async () => {
  await runtime.subscribe('back.one', ['back.told'], 'each');
  await runtime.publish('back.told', 'back:1');
  const claim = await oneOf('back.one');
  expect(await giveBack([claim])).toEqual({ returned: [claim.id] });
  expect(await runtime.settle(claim, 'done')).toEqual({ state: 'lost' });
  expect(await oneOf('back.one')).toMatchObject({ attempts: 1, fence: '2' });
});

test('a worker is given no more than its free slots, the longest due first', async () => {
  await runtime.subscribe('slots.one', ['slots.told'], 'each');
  const told = [];
  for (let index = 0; index < 5; index += 1) told.push(await runtime.publish('slots.told', `slots:${index}`));
  const first = await runtime.claim('slots.one', 2);
  expect(first.map(({ event }) => event.id).sort()).toEqual(told.slice(0, 2));
  expect(await runtime.claim('slots.one', 0)).toEqual(NONE);
  expect(await runtime.claim('slots.one', 10)).toHaveLength(3);
});

test('two that claim at once are never given the same delivery', async () => {
  await runtime.subscribe('race.one', ['race.told'], 'each');
  for (let index = 0; index < 40; index += 1) await runtime.publish('race.told', `race:${index}`);
  const claims = await Promise.all(Array.from({ length: 8 }, () => runtime.claim('race.one', 10)));
  const ids = claims.flat().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const rest = await runtime.claim('race.one', 40);
  expect(ids.length + rest.length).toBe(40);
});

test('what another is claiming at this moment is passed over, not waited for and not given twice', async () => {
  await runtime.subscribe('beside.one', ['beside.told'], 'each');
  const told = [await runtime.publish('beside.told', 'beside:1'), await runtime.publish('beside.told', 'beside:2')];
  let isAnswered = false;
  const waits = () =>
    db.sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  const second = await db.sql.begin(async (transaction) => {
    await transaction`select public.claim_deliveries('{beside.one}', 1, 'first')`;
    const claim = runtime.claim('beside.one', 2).finally(() => {
      isAnswered = true;
    });
    await expect.poll(async () => isAnswered || (await waits()).length > 0).toBe(true);
    return { claim };
  });
  expect((await second.claim).map(({ event }) => event.id)).toEqual([told[1]]);
});

test('a claim reads what it takes, however much is due or was told', async () => {
  await runtime.subscribe('deep.one', ['deep.told'], 'each');
  await db.sql`insert into verne.events (topic, key) select 'deep.told', 'deep:' || n from generate_series(1, 5000) n`;
  await db.sql`insert into verne.deliveries (subscriber, key, event_id, due_at)
    select 'deep.one', key, id, verne.now() from verne.events where topic = 'deep.told'`;
  const read = await db.sql.begin(async (transaction) => {
    const count = async () => {
      const [row] = await transaction<{ tuples: number }[]>`
        select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as tuples
        from pg_stat_xact_all_tables where schemaname = 'verne' and relname in ('events', 'deliveries')`;
      return row?.tuples ?? 0;
    };
    const before = await count();
    await transaction`select public.claim_deliveries('{deep.one}', 20, 'test')`;
    return (await count()) - before;
  });
  expect(read).toBeGreaterThanOrEqual(40);
  expect(read).toBeLessThan(300);
});
