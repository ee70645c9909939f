import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
import { aModelDatabase, sequences } from '../support/model-check.ts';

const SEED = Number(process.env['VERNE_SEED'] ?? 20_261_120);
const SEQUENCES = Number(process.env['VERNE_SEQUENCES'] ?? 10_000);
/** Audits and facts of many sequences make a database slower. */
const OF_ONE_DATABASE = 250;
const LANES = 2;
const MOST_COMMANDS = 40;
const count = new Intl.NumberFormat('en').format;

async function checkSome(nth: number, number: number, into: Map<string, number>) {
  const db = await freshDatabase();
  try {
    const model = await aModelDatabase(db);
    try {
      await fc.assert(fc.asyncProperty(sequences(MOST_COMMANDS), model.run), {
        numRuns: number,
        seed: SEED + nth,
        unbiased: true,
      });
    } finally {
      await model.close();
    }
    for (const [kind, times] of model.kinds) into.set(kind, (into.get(kind) ?? 0) + times);
  } finally {
    await db.close();
  }
}

test('sequences of commands leave the database and a reference model with the same state and answers (R05)', async () => {
  const kinds = new Map<string, number>();
  const left = Array.from({ length: Math.ceil(SEQUENCES / OF_ONE_DATABASE) }, (_, nth) => nth);
  const lane = async () => {
    for (let nth = left.shift(); nth !== undefined; nth = left.shift())
      await checkSome(nth, Math.min(OF_ONE_DATABASE, SEQUENCES - nth * OF_ONE_DATABASE), kinds);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const commands = [...kinds.values()].reduce((sum, times) => sum + times, 0);
  expect(kinds.size).toBeGreaterThan(50);
  await recordFigure(
    'R05',
    `${count(SEQUENCES)} sequences of up to ${MOST_COMMANDS} commands, ${count(commands)} calls with ${kinds.size} kinds of answers (seed ${SEED}): 0 differences in state or answer`,
  );
}, 3_600_000);
