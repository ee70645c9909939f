import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { answerOf, askedTask, callOf, RIVALS, wayOf } from '../support/plan-rivals.ts';
import { type PlanWorld, startPlanWorld } from '../support/plan-world.ts';
import type { Call } from '../support/races.ts';
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

const atOnce = (calls: readonly Call[]) =>
  Promise.all(calls.map(async ({ name, args }) => (await db.rpc(name, args)) as { kind: string }));

test('R02: of those who approve a plan, want it changed or cancel its task at once one has their way', async () => {
  const ways = [];
  for (const rivals of [RIVALS, [...RIVALS].reverse(), ['changes', 'approve', 'approve', 'changes']] as const) {
    const task = await world.planned();
    ways.push(wayOf(await atOnce(rivals.map((rival, at) => callOf(rival, task, at)))));
  }
  for (const way of ways) expect(way).toMatch(/^(?:approved|changed|cancelled)/);
});

test('of twenty who answer a question at once one answers it, and Jules hears one answer', async () => {
  const task = await askedTask(world, 'Which way?');
  const outcomes = await atOnce(Array.from({ length: 20 }, (_, at) => answerOf(task, at)));
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual([...Array.from({ length: 19 }, () => 'answered'), 'told']);
  await world.send(task);
  await world.send(task);
  expect(world.jules.control.truth.filter(({ text }) => text?.startsWith('Answer '))).toHaveLength(1);
});
