import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { type Postgrest, startPostgrest } from '../support/postgrest.ts';

let db: TestDatabase;
let postgrest: Postgrest;

beforeAll(async () => {
  db = await freshDatabase();
  postgrest = await startPostgrest(db);
  await db.sql.unsafe(`create function public.who() returns jsonb language sql as
    $$ select jsonb_build_object('role', current_user, 'uid', auth.uid()) $$`);
  await postgrest.reload();
});
afterAll(async () => {
  await postgrest?.stop();
  await db?.close();
});

const whoIs = async (token: string) => {
  const client = createClient(postgrest.url, postgrest.anonKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { headers: { authorization: `Bearer ${token}` } },
  });
  return client.rpc('who');
};

test('each token acts in its own role', async () => {
  const sub = crypto.randomUUID();
  expect((await whoIs(postgrest.anonKey)).data).toEqual({ role: 'anon', uid: null });
  expect((await whoIs(postgrest.serviceKey)).data).toEqual({ role: 'service_role', uid: null });
  expect((await whoIs(await postgrest.userToken({ sub }))).data).toEqual({ role: 'authenticated', uid: sub });
});

test('an expired token is refused', async () => {
  const expired = await postgrest.userToken({ sub: crypto.randomUUID(), expiresInS: -120 });
  expect((await whoIs(expired)).error).toMatchObject({ code: 'PGRST301' });
});

test('a PostgREST whose parent is killed ends with it, and its folder goes', async () => {
  const other = await freshDatabase();
  const script = fileURLToPath(new URL('../support/hold-postgrest.ts', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'verne-hold-'));
  const env = { ...process.env, TMPDIR: folder };
  const parent = spawn(process.execPath, [script, other.authenticatorUrl, other.adminUrl], { env });
  try {
    const connected = () =>
      other.sql`select from pg_stat_activity where usename = 'authenticator' and datname = ${other.name}`;
    await once(parent.stdout, 'data');
    expect(await connected()).not.toHaveLength(0);
    parent.kill('SIGKILL');
    await expect.poll(connected, { timeout: 5000 }).toHaveLength(0);
    await expect.poll(() => readdir(folder), { timeout: 5000 }).toEqual([]);
  } finally {
    parent.kill('SIGKILL');
    await other.close();
    await rm(folder, { recursive: true, force: true });
  }
});
