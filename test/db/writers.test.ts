// R04, R10, T11, T13
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { editInTurn, idsThroughJson, illegalMoves, unlistedDefiners } from '../support/rivals.ts';
import { seeded } from '../support/seeded.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db?.close());

test('R04: no role writes a status that the transitions do not have after the one before, and most write none', async () => {
  expect(await illegalMoves(db)).toEqual({ tried: 343, wrong: [] });
});

test('R10: of a dashboard and the bot that change one row at once nobody loses a change without being told', async () => {
  const { told, conflicts, lost } = await editInTurn(db, seeded(10), 60);
  expect(lost).toEqual([]);
  expect(told + conflicts).toBe(60);
  expect(Math.min(told, conflicts)).toBeGreaterThan(5);
});

test('T11: functions that run as their owner fix their search path, and nobody calls them who is not listed', async () => {
  expect(await unlistedDefiners(db)).toEqual([]);
});

test('T13: ids beyond 2^53 come back from Discord’s JSON, through actor, database and back, digit for digit', async () => {
  expect(await idsThroughJson(db, seeded(13), 300)).toEqual([]);
});
