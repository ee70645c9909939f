import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Listening, listen } from '#db/listen.ts';
import { makeLog } from '#kernel/log.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { startDeafPooler } from '../support/deaf-pooler.ts';

let db: TestDatabase;
const listening: Listening[] = [];
beforeAll(async () => {
  db = await freshDatabase();
});
afterEach(async () => {
  await Promise.all(listening.splice(0).map((one) => one.stop()));
});
afterAll(() => db.close());

const log = makeLog({ level: 'silent', secrets: [] });

function hear(url = db.workerUrl, times = {}) {
  let news = 0;
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
  const pooler = await startDeafPooler(db.workerUrl);
  try {
    const { line, news, forget } = hear(pooler.url, { echoMs: 200 });
    expect(await line.heard).toBe(false);
    forget();
    await publish();
    await expect.poll(lines).toHaveLength(0);
    expect(news()).toBe(0);
  } finally {
    await pooler.stop();
  }
});

test('a database that is away at the start is tried again', async () => {
  const pooler = await startDeafPooler(db.workerUrl);
  const { line } = hear(pooler.url, { echoMs: 200, againMs: 20 });
  await pooler.stop();
  const { line: other } = hear('postgres://verne_worker:x@127.0.0.1:1/postgres', { againMs: 20 });
  await other.stop();
  expect(await other.heard).toBe(false);
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
