import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { type Look, seenInPieces, toldByBoth } from '../support/session-orders.ts';
import { aServer, someSources } from '../support/tasks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await someSources(db, await aServer(db, { perDay: 100_000, atOnce: 100_000 }));
});
afterAll(() => db.close());

const aLook: fc.Arbitrary<Look> = fc.record({ state: fc.nat(20), said: fc.nat(20), twice: fc.boolean() });

test('W02: a session that is seen in any pieces ends the same, is told in order and never goes back', async () => {
  const run = (before: Look[], after: Look[]) => seenInPieces(db, before, after);
  await fc.assert(fc.asyncProperty(fc.array(aLook, { maxLength: 3 }), fc.array(aLook, { maxLength: 6 }), run), {
    numRuns: 8,
    endOnFailure: true,
  });
  expect.hasAssertions();
});

test('R08: what Jules and reports tell at once is one end, and told once', async () => {
  for (let round = 0; round < 5; round += 1) await toldByBoth(db, 3);
});
