import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMigrations } from '#db/migrate.ts';
import { MIGRATIONS } from '#db/open-embedded.ts';
import { readHealth } from '#events/read-health.ts';
import { startPulse } from '#http/pulse.ts';
import type { HealthDeps } from '#http/routes/health.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { MIGRATION, post, startApp } from './support.ts';

type Body = { status?: string; error?: { code: string }; checks: Record<string, { ok: boolean }> };

async function ask(health: Partial<HealthDeps>, path: '/readyz' | '/healthz' = '/readyz') {
  const app = await startApp({ health });
  const response = await post(app, {}, path);
  const body = (await response.json()) as Body;
  const failing = Object.entries(body.checks).flatMap(([name, { ok }]) => (ok ? [] : [name]));
  return { status: response.status, word: body.status ?? body.error?.code, failing, body };
}

const answering =
  (facts: { aheadMs?: number; migration?: string | null; writable?: boolean }): HealthDeps['readDatabase'] =>
  async () => ({
    now: new Date(Date.now() + (facts.aheadMs ?? 0)),
    migration: facts.migration === undefined ? MIGRATION : facts.migration,
    writable: facts.writable ?? true,
  });

const NEWER = '20991231000000';
const OLDER = '20261120000300';
const away = ['database', 'migrations', 'clock'];

test.each<[string, Partial<HealthDeps>, string[]]>([
  ['everything is well', {}, []],
  ['the database is a release ahead', { readDatabase: answering({ migration: NEWER }) }, []],
  ['the clocks differ by 29 s', { readDatabase: answering({ aheadMs: 29_000 }) }, []],
  ['the clocks differ by 31 s', { readDatabase: answering({ aheadMs: 31_000 }) }, ['clock']],
  ['the database is behind by 31 s', { readDatabase: answering({ aheadMs: -31_000 }) }, ['clock']],
  ['a migration is missing', { readDatabase: answering({ migration: OLDER }) }, ['migrations']],
  ['no migration was ever applied', { readDatabase: answering({ migration: null }) }, ['migrations']],
  ['the database takes no writes', { readDatabase: answering({ writable: false }) }, ['database']],
  ['the database refuses', { readDatabase: () => Promise.reject(new Error('canary')) }, away],
  ['the database does not answer', { readDatabase: () => new Promise(() => {}), databaseTimeoutMs: 50 }, away],
  ['the master key does not open what it sealed', { isKeyringSound: () => false }, ['keyring']],
  [
    'the keyring breaks',
    {
      isKeyringSound: () => {
        throw new Error('canary');
      },
    },
    ['keyring'],
  ],
  ['the process is ending', { isDraining: () => true }, ['draining']],
])('readiness where %s', async (_, health, failing) => {
  const answer = await ask(health);
  expect(answer.failing).toEqual(failing);
  expect([answer.status, answer.word]).toEqual(failing.length > 0 ? [503, 'not_ready'] : [200, 'ready']);
  expect(JSON.stringify(answer.body)).not.toContain('canary');
});

test('a process is live whatever the database does, and not when its own loop hangs', async () => {
  const readDatabase = () => Promise.reject(new Error('away'));
  expect(await ask({ readDatabase }, '/healthz')).toMatchObject({ status: 200, word: 'live' });
  expect(await ask({ loopLagMs: () => 4999 }, '/healthz')).toMatchObject({ status: 200, word: 'live' });
  expect(await ask({ loopLagMs: () => 5001 }, '/healthz')).toMatchObject({ status: 503, word: 'not_live' });
});

test('the lag is known while the loop hangs, and after it', () => {
  let now = 0;
  const pulse = startPulse(() => now);
  expect(pulse.lagMs()).toBe(0);
  now = 400;
  expect(pulse.lagMs()).toBe(0);
  now = 6500;
  expect(pulse.lagMs()).toBe(6000);
  pulse.stop();
});

test('however often readiness is asked for, the database hears of it once a second', async () => {
  let asked = 0;
  const app = await startApp({
    health: {
      readDatabase: async () => {
        asked += 1;
        return { now: new Date(), migration: MIGRATION, writable: true };
      },
    },
  });
  await Promise.all(Array.from({ length: 100 }, async () => (await post(app, {}, '/readyz')).arrayBuffer()));
  expect(asked).toBe(1);
});

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

test('a real database says that it is writable, which migrations it has, and what time it is', async () => {
  const newest = (await readMigrations(MIGRATIONS)).at(-1)?.version ?? '';
  const readDatabase = (signal: AbortSignal) => readHealth(db.rpc, { signal });
  const answer = await ask({ readDatabase, migration: newest });
  expect(answer).toMatchObject({ status: 200, word: 'ready', failing: [] });
  await db.sql`delete from supabase_migrations.schema_migrations where version = ${newest}`;
  expect((await ask({ readDatabase, migration: newest })).failing).toEqual(['migrations']);
});

test('a database that takes no writes says so', async () => {
  await db.sql.begin(async (sql) => {
    await sql`set transaction read only`;
    const [row] = await sql<{ health: { writable: boolean } }[]>`select public.read_health() as health`;
    expect(row?.health.writable).toBe(false);
  });
});
