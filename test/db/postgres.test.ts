import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, postgresRpc } from '#db/postgres.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { startRelay } from '../support/relay.ts';

let db: TestDatabase;

const FUNCTIONS = `
  create function public.no_arguments() returns jsonb language sql as $$ select '[1, {"two": null}]'::jsonb $$;
  create function public.doze(seconds int) returns jsonb language sql as $$ select to_jsonb(pg_sleep(seconds)::text) $$;
  grant execute on all functions in schema public to verne_worker;
`;

beforeAll(async () => {
  db = await freshDatabase();
  await db.sql.unsafe(FUNCTIONS);
});
afterAll(() => db.close());

test('the bot logs in as a role that owns nothing', async () => {
  const [row] = await db.sql<{ superuser: boolean }[]>`
    select rolsuper as superuser from pg_roles where rolname = 'verne_worker'`;
  expect(row).toEqual({ superuser: false });
});

/** All that a log line could show of an error. */
const shown = (error: unknown) =>
  JSON.stringify([error, Object.entries(error as object), String(error), (error as Error).stack]);

test('a signal cancels the query on the server, and the connection stays usable', async () => {
  const abort = new AbortController();
  const dozing = db.rpc('doze', { seconds: 60 }, { signal: abort.signal }).catch((thrown: unknown) => thrown);
  await expect
    .poll(() => db.sql`select 1 from pg_stat_activity where query like '%doze%' and wait_event = 'PgSleep'`)
    .toHaveLength(1);
  abort.abort();
  expect(await dozing).toMatchObject({ code: '57014', retry: 'soon', unknownOutcome: false });
  expect(await db.rpc('no_arguments', {})).toEqual([1, { two: null }]);
});

test('the statement timeout of a connection ends a slow query', async () => {
  const sql = connect(db.workerUrl, { max: 1, applicationName: 'verne test slow', statementTimeoutMs: 50 });
  try {
    await expect(postgresRpc(sql)('doze', { seconds: 5 })).rejects.toMatchObject({ code: '57014' });
  } finally {
    await sql.end({ timeout: 5 });
  }
});

test('a connection that is cut while a call runs has an unknown outcome, and a later call connects again', async () => {
  const sql = connect(db.workerUrl, { max: 1, applicationName: 'verne test cut' });
  const rpc = postgresRpc(sql);
  try {
    const dozing = rpc('doze', { seconds: 60 }).catch((thrown: unknown) => thrown);
    await expect
      .poll(
        () => db.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'verne test cut' and wait_event = 'PgSleep'`,
      )
      .toHaveLength(1);
    expect(await dozing).toMatchObject({ service: 'database', retry: 'soon', unknownOutcome: true });
    await expect.poll(() => rpc('no_arguments', {})).toEqual([1, { two: null }]);
  } finally {
    await sql.end({ timeout: 5 });
  }
});

test('a database that is not there is said so, and nothing can have happened', async () => {
  const sql = connect('postgres://verne_worker:secret-secret@127.0.0.1:1/postgres', {
    max: 1,
    applicationName: 'verne test',
    connectTimeoutS: 2,
  });
  const error = await postgresRpc(sql)('no_arguments', {}).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ service: 'database', code: 'ECONNREFUSED', retry: 'soon', unknownOutcome: false });
  expect(shown(error)).not.toMatch(/secret-secret/);
  await sql.end({ timeout: 1 });
});

test('the bot may not read a table', async () => {
  const sql = connect(db.workerUrl, { max: 1, applicationName: 'verne test' });
  try {
    await expect(sql`select from public.guilds`).rejects.toMatchObject({ code: '42501' });
    await expect(sql`select from verne.events`).rejects.toMatchObject({ code: '42501' });
  } finally {
    await sql.end({ timeout: 5 });
  }
});

test('a cancel that reaches nobody ends neither the process nor the wait', async () => {
  const relay = await startRelay(db.workerUrl);
  const sql = connect(relay.url, { max: 1, applicationName: 'verne test refused' });
  try {
    const rpc = postgresRpc(sql, { silentMs: 300 });
    await rpc('no_arguments', {});
    relay.fallSilent();
    relay.refuse();
    const call = rpc('no_arguments', {}, { signal: AbortSignal.timeout(50) });
    await expect(call).rejects.toMatchObject({ code: 'timeout' });
  } finally {
    await sql.end({ timeout: 0 });
    await relay.stop();
  }
});

test('a database that was away is asked again within half a second, however long that was', async () => {
  const sql = connect(db.workerUrl, { max: 1, applicationName: 'verne test backoff' });
  const { backoff } = sql.options;
  const waits = [1, 2, 5, 10, 1000].map((failures) => (typeof backoff === 'function' ? backoff(failures) : 60));
  expect(Math.max(...waits)).toBeLessThanOrEqual(0.5);
  expect(Math.min(...waits)).toBeGreaterThan(0.005);
  await sql.end({ timeout: 0 });
});

/**
 * Passes everything on to the database, on a thread of its own: so it can hang up while this one stands still, and the
 * next thing that this one hears, before it writes, is that the line is dead.
 */
const PROXY = `
  const { connect, createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const lines = new Set();
  const server = createServer((client) => {
    const database = connect(workerData.port, '127.0.0.1');
    lines.add(client);
    client.on('close', () => { lines.delete(client); database.destroy(); });
    database.on('close', () => client.destroy());
    client.on('error', () => {}).pipe(database.on('error', () => {})).pipe(client);
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  parentPort.on('message', () => {
    for (const line of lines) line.destroy();
    setTimeout(() => { Atomics.store(workerData.flag, 0, 1); Atomics.notify(workerData.flag, 0); }, 20);
  });
`;

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('a connection that broke when it was about to ask is of use again', async () => {
  const url = new URL(db.workerUrl);
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const proxy = new Worker(PROXY, { eval: true, workerData: { port: Number(url.port), flag } });
  const [port] = await once(proxy, 'message');
  url.port = String(port);
  const sql = connect(url.href, { max: 1, applicationName: 'verne test broken', connectTimeoutS: 1 });
  const rpc = postgresRpc(sql);
  const ask = () => rpc('no_arguments', {}).catch((error: { code: string }) => error.code);
  try {
    await ask();
    await nextTurn();
    proxy.postMessage('hang up');
    Atomics.wait(flag, 0, 0);
    await nextTurn();
    const answers = [await ask(), await ask(), await ask()];
    expect(answers.at(-1)).toEqual([1, { two: null }]);
    expect(answers).not.toContain('CONNECT_TIMEOUT');
  } finally {
    await sql.end({ timeout: 0 });
    await proxy.terminate();
  }
});
