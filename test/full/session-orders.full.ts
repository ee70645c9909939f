import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
import { type Look, seenInPieces, toldByBoth } from '../support/session-orders.ts';
import { aServer, someSources } from '../support/tasks.ts';

/** A tenth of the numbers is told by VERNE_SCALE=0.1: for looking, not for the page. */
const SCALE = Number(process.env['VERNE_SCALE'] ?? 1);
const record = async (row: string, figure: string) => {
  if (SCALE === 1) await recordFigure(row, figure);
  else console.info(`${row}: ${figure}`);
};
const scaled = (count: number) => Math.max(1, Math.round(count * SCALE));
const count = (number: number) => number.toLocaleString('en-US');

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await someSources(db, await aServer(db, { perDay: 1_000_000, atOnce: 1_000_000 }));
});
afterAll(() => db.close());

const aLook: fc.Arbitrary<Look> = fc.record({ state: fc.nat(20), said: fc.nat(20), twice: fc.boolean() });

const PERMUTATIONS = scaled(10_000);
test('W02: a session that is seen in any pieces ends the same, is told in order and never goes back', async () => {
  let looks = 0;
  const run = async (before: Look[], after: Look[]) => {
    looks += before.length + after.length + 3;
    await seenInPieces(db, before, after);
  };
  await fc.assert(fc.asyncProperty(fc.array(aLook, { maxLength: 3 }), fc.array(aLook, { maxLength: 6 }), run), {
    numRuns: PERMUTATIONS,
    seed: 20_261_120,
    endOnFailure: true,
  });
  await record(
    'W02',
    `${count(PERMUTATIONS)} orders of one session in ${count(looks)} looks: 1 end, 0 notes lost, doubled or out of order, 0 steps back`,
  );
}, 7_200_000);

const ROUNDS = scaled(5000);
test('R08: what Jules and reports tell at once is one end, and told once', async () => {
  for (let round = 0; round < ROUNDS; round += 1) await toldByBoth(db, 3);
  expect.hasAssertions();
  await record('R08', `${count(ROUNDS)} ends told by 3 looks and 3 reports at once: 0 doubled`);
}, 7_200_000);
