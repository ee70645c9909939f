import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
import { cardSaysSo, hasDeed, hashesDiffer, longPlan, silentCuts } from '../support/plan-texts.ts';
import { type PlanWorld, startPlanWorld } from '../support/plan-world.ts';
import { STALE_WAYS, staleRound } from '../support/stale-plans.ts';

let db: TestDatabase;
let world: PlanWorld;
beforeAll(async () => {
  db = await freshDatabase();
  world = await startPlanWorld(db);
});
afterAll(async () => {
  await world?.close();
  await db.close();
});

const ROUNDS = Number(process.env['VERNE_ROUNDS'] ?? 510);
test(`R03: ${ROUNDS} approvals of plans that become others approve none that nobody read`, async () => {
  const ends = new Map<string, number>();
  let unread = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const way = STALE_WAYS[round % STALE_WAYS.length];
    if (way === undefined) continue;
    const found = await staleRound(world, way, round);
    unread += found.unread;
    ends.set(found.ends, (ends.get(found.ends) ?? 0) + 1);
  }
  expect(unread).toBe(0);
  expect([...ends.keys()].sort()).toEqual(['approved', 'failed', 'plan_expired', 'stopped']);
  const told = [...ends].map(([end, times]) => `${times} ${end}`).join(', ');
  const figure = `${ROUNDS} approvals pressed in ${STALE_WAYS.length} ways in which the plan is replaced, dropped, ended or to be changed between card, press, reading and call: 0 plans approved at Jules that nobody read (then: ${told})`;
  if (ROUNDS >= 500) await recordFigure('R03', figure);
  else console.info(figure);
});

const PLANS = Number(process.env['VERNE_PLANS'] ?? 1000);
const MOST_CHARS = 1_000_000;
test('I05: what an approver can read of a plan is what runs, however long it is', async () => {
  let [chars, longest, steps] = [0, 0, 0];
  fc.assert(
    fc.property(longPlan(MOST_CHARS), (plan) => {
      const size = plan.steps.reduce((sum, step) => sum + step.title.length + (step.description?.length ?? 0), 0);
      chars += size;
      longest = Math.max(longest, size);
      steps += plan.steps.length;
      expect(silentCuts(plan.steps)).toEqual([]);
      expect(cardSaysSo(plan.steps)).toBe(true);
      expect(hasDeed(plan.steps)).toBe(true);
      expect(hashesDiffer(plan.steps, plan.at)).toBe(true);
    }),
    { numRuns: PLANS, seed: 20_261_120 },
  );
  const count = (number: number) => number.toLocaleString('en-US');
  const figure = `${count(PLANS)} plans of 4,097 to ${count(longest)} characters (${count(steps)} steps, ${count(chars)} characters): 0 silent cuts; the hidden deed stands in each file, each card says where the whole plan is, and one character more changes the hash`;
  if (PLANS >= 1000) await recordFigure('I05', figure);
  else console.info(figure);
});
