import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aListedServer, listings, piecesIn } from '../support/key-listings.ts';
import { type Postgrest, startPostgrest } from '../support/postgrest.ts';
import { seeded } from '../support/seeded.ts';
import { anAdmin } from '../support/tasks.ts';

let db: TestDatabase;
let postgrest: Postgrest;
beforeAll(async () => {
  db = await freshDatabase();
  postgrest = await startPostgrest(db);
});
afterAll(async () => {
  await postgrest?.stop();
  await db?.close();
});

test('an administrator is shown the last four of a key and no more, whatever lists keys (T17)', async () => {
  const server = await aListedServer(db, seeded(17));
  const places = await listings(db, postgrest, server);
  for (const key of server.keys) expect(piecesIn(`•••• ${key.slice(-5)}`, key)).toHaveLength(1);
  const leaks = places.flatMap(([where, text]) => server.keys.flatMap((key) => piecesIn(text, key).map(() => where)));
  expect(leaks).toEqual([]);
  const [first = '', pool = '', own = '', anothers = ''] = server.keys.map((key) => key.slice(-4));
  const shownIn = (last4: string) =>
    places.filter(([, text]) => text.includes(last4)).map(([where]) => where.replace(/[:{].*/, ''));
  expect(new Set(shownIn(own))).toEqual(
    new Set(['dashboard', 'Discord', 'read_settings', 'read_keys', 'read_audit', 'keys list']),
  );
  expect(shownIn(first)).toContain('Discord');
  expect(shownIn(pool)).toContain('dashboard');
  expect(new Set(shownIn(anothers))).toEqual(new Set(['read_keys', 'read_audit', 'keys list']));
});

test('what opens a key is handed to nobody but the bot', async () => {
  const callers = await db.sql<{ name: string; who: string }[]>`
    select p.proname as name, r.rolname as who from pg_proc p, pg_roles r
    where p.proname in ('read_key', 'read_keys', 'read_keys_to_rewrap', 'read_master_keys')
      and r.rolname in ('anon', 'authenticated', 'authenticator') and has_function_privilege(r.oid, p.oid, 'execute')`;
  expect(callers).toEqual([]);
  const actor = anAdmin();
  expect(JSON.stringify(await db.rpc('read_settings', { actor }))).not.toMatch(/sealed|wrapped/);
});
