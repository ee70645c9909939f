import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
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
