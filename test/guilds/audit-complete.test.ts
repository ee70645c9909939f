// A03, A04
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anActor } from '../support/actors.ts';
import { expectUnharmed, killAppenders } from '../support/appenders.ts';
import { verdictOn } from '../support/chains.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { seeded } from '../support/seeded.ts';
import { actAtRandom, countDeeds, prepareServer, watchChanges } from '../support/sequences.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db?.close());

test('A03: every change that a person makes has its one entry in the same transaction, and what was refused changed nothing', async () => {
  await prepareServer(db);
  await watchChanges(db);
  await actAtRandom(db, seeded(3), 100);
  const counts = await countDeeds(db);
  expect(counts).toMatchObject({ unseen: 0, doubled: 0, changed_though_refused: 0, entries: counts.changes });
  expect(counts.changes).toBeGreaterThan(30);
  expect(counts.refused).toBeGreaterThan(50);
});

test('A04: processes that append at once, and are killed at it, leave one chain without a fork or a gap', async () => {
  const guild = '970000000000000001';
  const told = await killAppenders(db, guild, 4);
  expect(await expectUnharmed(db, guild, told)).toBeGreaterThanOrEqual(told.length);
  expect(told.length).toBeGreaterThan(10);
}, 60_000);

test('people who are new, and are named by many at once, keep nobody waiting for ever', async () => {
  const guild = '970000000000000002';
  for (let n = 0; n < 12; n += 1) {
    const actor = anActor({ door: 'operator', guild, id: `10000000000000${1000 + n}` });
    const named = () => db.rpc('record_refusal', { actor, operation: 'task.create', code: 'no' });
    await Promise.all(Array.from({ length: 10 }, named));
  }
  expect(await verdictOn(db.rpc, guild)).toMatchObject({ kind: 'whole', entries: 120 });
});
