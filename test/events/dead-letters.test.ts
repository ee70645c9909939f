import { afterAll, beforeAll, expect, test } from 'vitest';
import { discardDelivery } from '#events/discard-delivery.ts';
import { readDelivery } from '#events/read-deliveries.ts';
import { replayDelivery } from '#events/replay-delivery.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { type Claim, runtimeOf } from './support.ts';

let db: TestDatabase;
let runtime: ReturnType<typeof runtimeOf>;
beforeAll(async () => {
  db = await freshDatabase();
  runtime = runtimeOf(db);
});
afterAll(() => db.close());

async function deadLetter(subscriber: string, topic: string, key: string) {
  await runtime.publish(topic, key, { n: 1 });
  const [claim] = await runtime.claim(subscriber);
  await runtime.settle(claim as Claim, 'dead', { error: 'poison' });
  const dead = (await runtime.deliveries(subscriber)).findLast(({ state }) => state === 'dead');
  return { id: String(dead?.id), event: String(dead?.event_id) };
}

test('a dead letter of its own is opened again by a replay, with all its tries', async () => {
  await runtime.subscribe('each.one', ['each.told'], 'each');
  const { id, event } = await deadLetter('each.one', 'each.told', 'each:1');
  expect(await replayDelivery(db.rpc, id)).toEqual({ kind: 'replayed', id });
  expect(await runtime.claim('each.one')).toMatchObject([{ id, attempts: 1, event: { id: event } }]);
  expect(await replayDelivery(db.rpc, id)).toEqual({ kind: 'not_dead', id });
});

test('what an old worker says after a replay changes nothing', async () => {
  await runtime.subscribe('old.one', ['old.told'], 'each');
  await runtime.publish('old.told', 'old:1');
  const [claim] = await runtime.claim('old.one');
  await runtime.settle(claim!, 'dead', { error: 'poison' });
  await replayDelivery(db.rpc, claim!.id);
  expect(await runtime.settle(claim!, 'done')).toEqual({ state: 'lost' });
});

test.each(['latest', 'in_order'] as const)(
  'a replay of a lane (%s) is told again at its tail, to this subscriber only, and never runs beside the lane',
  async (mode) => {
    const topic = `lane_${mode}.told`;
    await runtime.subscribe(`lane.${mode}`, [topic], mode);
    await runtime.subscribe(`other.${mode}`, [topic], 'in_order');
    const { id, event } = await deadLetter(`lane.${mode}`, topic, 'lane:1');
    await runtime.publish(topic, 'lane:1', { n: 2 });
    const [working] = await runtime.claim(`lane.${mode}`);
    const outcome = await replayDelivery(db.rpc, id);
    if (outcome.kind !== 'replayed') throw new Error(outcome.kind);
    expect(await runtime.claim(`lane.${mode}`, 10)).toEqual([]);
    await runtime.settle(working!, 'done');
    const [again] = await runtime.claim(`lane.${mode}`, 10);
    expect(again).toMatchObject({ key: 'lane:1', event: { id: outcome.event_id, topic, payload: { n: 1 } } });
    expect(await runtime.settle(again!, 'done')).toMatchObject({ state: 'done' });
    const told = await readDelivery(db.rpc, id);
    expect(told).toMatchObject({ state: 'discarded', event: { id: event } });
    expect(told?.last_error).toBe(`poison · replayed as event ${outcome.event_id}`);

    await runtime.publish(topic, 'lane:1', { n: 3 });
    const heard = [];
    for (let [claim] = await runtime.claim(`other.${mode}`); claim; [claim] = await runtime.claim(`other.${mode}`)) {
      heard.push(claim.event.payload.n);
      await runtime.settle(claim, 'done');
    }
    expect(heard).toEqual([1, 2, 3]);
  },
);

test('a replay wakes a lane that waits', async () => {
  await runtime.subscribe('sleepy.one', ['sleepy.told'], 'latest');
  const { id } = await deadLetter('sleepy.one', 'sleepy.told', 'sleepy:1');
  await runtime.publish('sleepy.told', 'sleepy:1');
  const [claim] = await runtime.claim('sleepy.one');
  await runtime.settle(claim!, 'wait', { until: '2100-01-01T00:00:00Z' });
  await replayDelivery(db.rpc, id);
  expect(await runtime.claim('sleepy.one')).toHaveLength(1);
});

test('a dead letter of a retired subscription is not replayed into nowhere', async () => {
  await runtime.subscribe('retired.one', ['retired.told'], 'latest');
  const { id } = await deadLetter('retired.one', 'retired.told', 'retired:1');
  await db.sql`update verne.subscriptions set retired_at = now() where subscriber = 'retired.one'`;
  expect(await replayDelivery(db.rpc, id)).toEqual({ kind: 'retired', id, subscriber: 'retired.one' });
  expect(await readDelivery(db.rpc, id)).toMatchObject({ state: 'dead' });
});

test('a dead letter is discarded with a reason that stays with it', async () => {
  await runtime.subscribe('thrown.one', ['thrown.told'], 'each');
  const { id } = await deadLetter('thrown.one', 'thrown.told', 'thrown:1');
  expect(await discardDelivery(db.rpc, { id, reason: 'the repository is gone' })).toEqual({ kind: 'discarded', id });
  expect(await readDelivery(db.rpc, id)).toMatchObject({
    state: 'discarded',
    last_error: 'poison · discarded: the repository is gone',
    failures: [{ error: 'poison' }],
  });
  expect(await discardDelivery(db.rpc, { id, reason: 'again' })).toEqual({ kind: 'not_dead', id });
  expect(await replayDelivery(db.rpc, id)).toEqual({ kind: 'not_dead', id });
});

test('an open delivery is neither replayed nor discarded', async () => {
  await runtime.subscribe('open.one', ['open.told'], 'each');
  await runtime.publish('open.told', 'open:1');
  const [row] = await runtime.deliveries('open.one');
  const id = String(row?.id);
  expect(await replayDelivery(db.rpc, id)).toEqual({ kind: 'not_dead', id });
  expect(await discardDelivery(db.rpc, { id, reason: 'no' })).toEqual({ kind: 'not_dead', id });
  expect(await readDelivery(db.rpc, '999999')).toBeNull();
});
