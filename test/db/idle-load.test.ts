import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readConfig } from '#config.ts';
import { supabaseRpc } from '#db/supabase.ts';
import { startConsumer } from '#events/consume.ts';
import type { Handler } from '#kernel/handler.ts';
import { makeLog } from '#kernel/log.ts';
import { freshDatabase } from '../support/database.ts';
import { startPostgrest } from '../support/postgrest.ts';

/** A consumer polls between 0.75 and 1.25 times its interval, so that processes do not ask in step. */
const SHORTEST = 0.75;

test('an idle worker over the Data API asks at most once in two seconds', () => {
  expect(readConfig({}).worker.httpPollMs * SHORTEST).toBeGreaterThanOrEqual(2000);
});

test('an idle worker makes one request per poll, whatever it has handlers for', async () => {
  const db = await freshDatabase();
  const postgrest = await startPostgrest(db);
  const asked: string[] = [];
  const rpc = supabaseRpc({
    url: postgrest.url,
    key: postgrest.serviceKey,
    timeoutMs: 5000,
    fetch: (input, init) => {
      asked.push(String(input).split('/').at(-1) ?? '');
      return fetch(input, init);
    },
  });
  const pollMs = 40;
  const done: Handler = async () => ({ kind: 'done' });
  const handlers = Object.fromEntries(
    ['tasks.open_session', 'discord.show', 'events.prune'].map((name) => [name, done]),
  );
  const times = { slots: 5, leaseMs: 8000, renewMs: 2000, pollMs };
  const startedAt = performance.now();
  const consumer = startConsumer({ rpc, handlers, ...times, log: makeLog({ level: 'silent', secrets: [] }) });
  try {
    while (asked.length < 15) await sleep(5);
  } finally {
    await consumer.stop({ graceMs: 1000 });
    await postgrest.stop();
    await db.close();
  }
  const most = (performance.now() - startedAt) / (pollMs * SHORTEST) + 1;
  expect(new Set(asked)).toEqual(new Set(['claim_deliveries']));
  expect(asked.length).toBeLessThanOrEqual(most);
});
