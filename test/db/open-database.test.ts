import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, type DatabaseWish, openDatabase } from '#db/open-database.ts';
import { makeLog } from '#kernel/log.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { type Postgrest, startPostgrest } from '../support/postgrest.ts';
import { startRelay } from '../support/relay.ts';

let db: TestDatabase;
let postgrest: Postgrest;
beforeAll(async () => {
  db = await freshDatabase();
  await db.sql.unsafe(`
    create function public.doze(seconds int) returns jsonb language sql as $$ select to_jsonb(pg_sleep(seconds)::text) $$;
    create function public.settings() returns jsonb language sql as $$ select jsonb_build_object(
      'application', current_setting('application_name'), 'timeout', current_setting('statement_timeout')) $$;
    create function public.prepared(part text) returns jsonb language sql as $$
      select to_jsonb(count(*)) from pg_prepared_statements where statement like '%' || part || '%' $$;
    grant execute on all functions in schema public to service_role, verne_worker`);
  postgrest = await startPostgrest(db);
});
afterAll(async () => {
  await postgrest?.stop();
  await db?.close();
});

const wish = (facts: Partial<DatabaseWish>): DatabaseWish => ({
  dataDir: '/nowhere/to/be/written',
  throwaway: false,
  answerMs: 2000,
  slots: 2,
  pollMs: 1000,
  httpPollMs: 2700,
  log: makeLog({ level: 'silent', secrets: [] }),
  ...facts,
});

async function using(facts: Partial<DatabaseWish>, work: (database: Database) => Promise<void>) {
  const database = await openDatabase(wish(facts));
  try {
    await work(database);
  } finally {
    await database.stop();
  }
}

const project = () => ({ url: postgrest.url, key: postgrest.serviceKey });

test('a direct connection wins over the Data API', async () => {
  await using({ url: db.workerUrl, supabase: { url: 'http://127.0.0.1:1', key: 'none' } }, async (database) => {
    expect(database).toMatchObject({ kind: 'postgres', pollMs: 1000 });
    expect(database.dataDir).toBe(undefined);
    expect(await database.door('settings', {})).toEqual({ application: 'verne door', timeout: '2s' });
    expect(await database.worker('settings', {})).toEqual({ application: 'verne worker', timeout: '15s' });
    await expect(database.door('doze', { seconds: 10 })).rejects.toMatchObject({ code: '57014' });
  });
});

test('news of other processes are heard on a direct connection until it is stopped', async () => {
  let news = 0;
  await using({ url: db.workerUrl }, async (database) => {
    database.listen(() => {
      news += 1;
    });
    await expect
      .poll(async () => {
        await db.rpc('tell', { topic: 'service.started', key: 'service:test' });
        return news;
      })
      .toBeGreaterThan(1);
  });
  const before = news;
  await db.rpc('tell', { topic: 'service.started', key: 'service:test' });
  expect(news).toBe(before);
});

test('through a pooler nothing is prepared, no setting is asked for, and a slow call is cancelled all the same', async () => {
  const url = `${db.workerUrl}?pgbouncer=true&connection_limit=1`;
  await using({ url, answerMs: 300 }, async (database) => {
    expect(await database.door('settings', {})).toEqual({ application: 'verne door', timeout: '0' });
    expect(await database.worker('prepared', { part: 'public.' })).toBe(0);
    await expect(database.door('doze', { seconds: 10 })).rejects.toMatchObject({
      code: '57014',
      unknownOutcome: false,
    });
    expect(await database.door('prepared', { part: 'public.' })).toBe(0);
  });
  await using({ url: db.workerUrl, pooled: true }, async ({ worker }) =>
    expect(await worker('prepared', { part: 'public.' })).toBe(0),
  );
  await using({ url, pooled: false }, async ({ worker }) =>
    expect(await worker('prepared', { part: 'public.' })).toBe(1),
  );
});

test('with a project alone everything goes over the Data API, and it is asked less often', async () => {
  await using({ supabase: project(), answerMs: 300 }, async (database) => {
    expect(database).toMatchObject({ kind: 'supabase', pollMs: 2700 });
    expect(await database.worker('settings', {})).toMatchObject({ application: expect.stringMatching(/PostgREST/) });
    await expect(database.door('doze', { seconds: 2 })).rejects.toMatchObject({
      code: 'timeout',
      unknownOutcome: true,
    });
    database.listen(() => expect.fail('there is nothing to hear'));
  });
});

test('with nothing a Postgres of its own is opened, and its folder is told', async () => {
  const dataDir = join(await mkdtemp(join(tmpdir(), 'verne-open-')), 'data');
  try {
    await using({ dataDir, throwaway: true }, async (database) => {
      expect(database.kind).toBe('embedded');
      expect(database.dataDir).toEqual(expect.any(String));
      expect(await database.worker('read_subscriptions', {})).toEqual(expect.anything());
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

test('a call on a line that fell silent is given up in time, through a pooler too, and so is closing', async () => {
  const relay = await startRelay(db.workerUrl);
  const opened = await Promise.all(
    [false, true].map((pooled) => openDatabase(wish({ url: relay.url, pooled, answerMs: 100 }))),
  );
  try {
    await Promise.all(opened.map(({ door }) => door('read_health', {})));
    relay.fallSilent();
    const lost = { code: 'timeout', retry: 'soon', unknownOutcome: true };
    await Promise.all(opened.map(({ door }) => expect(door('read_health', {})).rejects.toMatchObject(lost)));
  } finally {
    await Promise.all(opened.map((database) => database.stop()));
    await relay.stop();
  }
});
