import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Attacked, startAttacked, warm } from './attacks/bot.ts';
import { tryBombs, tryEndless, tryFlood, tryPoison } from './attacks/trials.ts';

/** Against a process of the bot, with its memory as the kernel counts it. `test/full/edge.full.ts` does the same, larger. */
let attacked: Attacked;
beforeAll(async () => {
  attacked = await startAttacked();
  await warm(attacked, 1000);
}, 60_000);
afterAll(() => attacked?.stop());

test('compressed bodies, nested ones too, are 415 everywhere and cost no memory (D02)', async () => {
  expect((await tryBombs(attacked)).count).toBeGreaterThan(50);
});

test('a body of 100 MB, one without an end and one of another length are cut off and cost no memory (D03)', async () => {
  expect((await tryEndless(attacked, { times: 1, isPatient: false })).count).toBe(16);
});

test('deep, wide, doubled and poisoned JSON breaks nothing, and is read only if it is signed (D04)', async () => {
  const { statuses } = await tryPoison(attacked, { count: 600, seed: 4 });
  expect([...statuses.keys()].sort()).toEqual(expect.arrayContaining([200, 400, 401]));
});

test('an unsigned flood is refused cheaply, without the database, while commands are recorded (D05)', async () => {
  // How late the answers are is measured in the full run, on a machine that does nothing else.
  expect((await tryFlood(attacked, { perSecond: 500, forMs: 1000, maxP99Ms: 10_000 })).refused).toBe(500);
});
