import { getEventListeners } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Listening, listen } from '#db/listen.ts';
import { makeLog } from '#kernel/log.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { startRelay } from '../support/relay.ts';

let db: TestDatabase;
const listening: Listening[] = [];
beforeAll(async () => {
  db = await freshDatabase();
});
afterEach(async () => {
  await Promise.all(listening.splice(0).map((one) => one.stop()));
});
afterAll(() => db.close());

function hear(url = db.workerUrl, times = {}) {
  let news = 0;
  const said: string[] = [];
  const log = makeLog({ level: 'info', secrets: [], destination: { write: (entry) => void said.push(entry) } });
  const line = listen(
    url,
    () => {
      news += 1;
    },
    { log, ...times },
  );
  listening.push(line);
  return {
    line,
    said,
    news: () => news,
    forget: () => {
      news = 0;
    },
  };
}

const publish = (rpc = db.rpc) => rpc('tell', { topic: 'service.started', key: `service:${crypto.randomUUID()}` });
const lines = () =>
  db.sql`select pid from pg_stat_activity where datname = ${db.name} and application_name = 'verne listen'`;

test('an event that another process published is heard', async () => {
  const { line, news, forget } = hear();
  expect(await line.heard).toBe(true);
  forget();
  await publish();
  await expect.poll(news).toBe(1);
});

test('nothing is heard of what was rolled back', async () => {
  const { line, news, forget } = hear();
  await line.heard;
  forget();
  await db.sql
    .begin(async (sql) => {
      await sql`select verne.publish_event('service.started', 'service:x')`;
      throw new Error('changed my mind');
    })
    .catch(() => {});
  await publish();
  await expect.poll(news).toBe(1);
});

test('publishers do not wait for one another to tell the news', async () => {
  const { line, news, forget } = hear();
  await line.heard;
  forget();
  await db.sql.begin(async (sql) => {
    await sql`select verne.publish_event('service.started', 'service:first')`;
    await publish();
    expect(news()).toBe(0);
  });
  await expect.poll(news).toBe(1);
});

test('the test of the line of one process is no news to another', async () => {
  const first = hear();
  await first.line.heard;
  first.forget();
  const second = hear();
  await second.line.heard;
  await publish();
  await expect.poll(first.news).toBe(1);
});

test('a line that broke is mended, and what may have been missed is looked for', async () => {
  const { line, news, forget } = hear();
  await line.heard;
  forget();
  await db.sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = ${db.name} and application_name = 'verne listen' and query ilike 'listen%'`;
  await expect.poll(news, { timeout: 5000 }).toBeGreaterThan(0);
  forget();
  await publish();
  await expect.poll(news).toBe(1);
});

test('a pooler that swallows notifications is found out, and its connections are given back', async () => {
  const pooler = await startRelay(db.workerUrl, { isDeaf: true });
  try {
    const { line, news, forget, said } = hear(pooler.url, { echoMs: 200 });
    expect(await line.heard).toBe(false);
    forget();
    await publish();
    await expect.poll(lines).toHaveLength(0);
    expect(news()).toBe(0);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/database\.polling/);
  } finally {
    await pooler.stop();
  }
});

test('a database that is away at the start is tried again until it is there', async () => {
  const before = await startRelay(db.workerUrl);
  await before.stop();
  const { line, news, forget, said } = hear(before.url, { againMs: 20 });
  await expect.poll(() => said).toHaveLength(1);
  const relay = await startRelay(db.workerUrl, { port: before.port });
  try {
    expect(await line.heard).toBe(true);
    forget();
    await publish();
    await expect.poll(news).toBe(1);
    expect(said).toHaveLength(1);
  } finally {
    await line.stop();
    await relay.stop();
  }
});

test('nothing is kept of tries that failed', async () => {
  const adding = vi.spyOn(AbortSignal.prototype, 'addEventListener');
  try {
    const { line } = hear('postgres://verne_worker:x@127.0.0.1:1/postgres', { againMs: 1 });
    await expect.poll(() => adding.mock.calls.length).toBeGreaterThan(8);
    const signals = new Set(adding.mock.contexts);
    for (const signal of signals) expect(getEventListeners(signal as AbortSignal, 'abort').length).toBeLessThan(3);
    await line.stop();
  } finally {
    adding.mockRestore();
  }
});

test('stopping ends the tries', async () => {
  const { line } = hear('postgres://verne_worker:x@127.0.0.1:1/postgres');
  await line.stop();
  expect(await line.heard).toBe(false);
});

test('stopping leaves no connection', async () => {
  const { line } = hear();
  await line.heard;
  expect(await lines()).not.toHaveLength(0);
  await line.stop();
  await expect.poll(lines).toHaveLength(0);
});
