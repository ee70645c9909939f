import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
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

test.for(STALE_WAYS.map((way, at) => [way, at] as const))(
  'R03: an approval of a plan %s lets no plan run that nobody read',
  async ([way, at]) => {
    const { unread, ends } = await staleRound(world, way, at);
    expect(unread).toBe(0);
    expect(ends).toMatch(/^(?:approved|plan_expired|failed|stopped)$/);
  },
);
