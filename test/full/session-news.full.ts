import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
import { seeded } from '../support/seeded.ts';
import { BEATS, doublyToldLife, type Lives, shuffledLife, startLives } from '../support/session-life.ts';

/** VERNE_SCALE=10 tells ten times as many, which takes ten times as long. */
const SCALE = Number(process.env['VERNE_SCALE'] ?? 1);
const SEED = 20_261_120;
const AT_ONCE = 4;

let db: TestDatabase;
let lives: Lives;
beforeAll(async () => {
  db = await freshDatabase();
  lives = await startLives(db, '962000000000000001');
});
afterAll(() => db.close());

const count = (number: number) => number.toLocaleString('en-US');
async function many(rounds: number, round: () => Promise<void>) {
  let left = rounds;
  const work = async () => {
    for (; left > 0; ) {
      left -= 1;
      await round();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

const ROUNDS = Math.round(125 * SCALE);
test('R08: what a report and a look at Jules tell at the same moment is one transition and one post', async () => {
  const troubles: string[] = [];
  await many(ROUNDS, async () => {
    troubles.push(...(await doublyToldLife(lives)).troubles);
  });
  expect(troubles).toEqual([]);
  await recordFigure(
    'R08',
    `${count(ROUNDS * BEATS)} changes of ${count(ROUNDS)} sessions, each reported twice, swept and read by two processes at the same moment: 0 doubled transitions, 0 doubled posts, 0 lost`,
  );
});

const ORDERS = Math.round(500 * SCALE);
test('W02: the news of a session in any order end the same, move nothing back, and are told in order', async () => {
  const random = seeded(SEED);
  const troubles: string[] = [];
  let reports = 0;
  await many(ORDERS, async () => {
    const found = await shuffledLife(lives, random);
    troubles.push(...found.troubles);
    reports += found.reports;
  });
  expect(troubles).toEqual([]);
  await recordFigure(
    'W02',
    `${count(ORDERS)} orders (seed ${SEED}) of ${count(reports)} late, repeated and permuted reports among sweeps and looks at Jules: one end each, 0 moves back, 0 posts out of order`,
  );
});
