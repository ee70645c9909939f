import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aModelDatabase, sequences } from '../support/model-check.ts';
import { anAdmin, aServer } from '../support/tasks.ts';

let db: TestDatabase;
let other: TestDatabase;
beforeAll(async () => {
  [db, other] = await Promise.all([freshDatabase(), freshDatabase()]);
});
afterAll(() => Promise.all([db.close(), other.close()]));

const SEED = Number(process.env['VERNE_SEED'] ?? 20_261_120);
const SEQUENCES = Number(process.env['VERNE_SEQUENCES'] ?? 80);

test('whatever people and workers do one after the other, the database says what a plain model says (R05)', async () => {
  const model = await aModelDatabase(db);
  try {
    await fc.assert(fc.asyncProperty(sequences(40), model.run), { numRuns: SEQUENCES, seed: SEED, unbiased: true });
  } finally {
    await model.close();
  }
  expect(model.kinds.size).toBeGreaterThan(40);
}, 120_000);

test("a person's key of an account that another person uses changes its limits for neither", async () => {
  const guild = '990000000000000002';
  await aServer(other, { guild });
  const enter = async (id: string, per_day: number) => {
    const sealed = { id: crypto.randomUUID(), sealed: 'x', wrapped: 'x', kek_version: '1', last4: '1a2b' };
    const limits = { fingerprint: 'one account of two people', plan: 'pro', per_day, at_once: 3 };
    await other.rpc('store_key', { actor: anAdmin({ guild, id }), owner: 'person', sealed: { ...sealed, ...limits } });
    return (await other.sql`select per_day from verne.accounts where fingerprint = ${limits.fingerprint}`)[0]?.[
      'per_day'
    ];
  };
  expect(await enter('100000000000000091', 100)).toBe(100);
  expect(await enter('100000000000000092', 1)).toBe(100);
  await other.sql`update verne.keys set revoked_at = verne.now(), sealed = null, wrapped = null where owner_id = '100000000000000091'`;
  expect(await enter('100000000000000092', 2)).toBe(2);
});
