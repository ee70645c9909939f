import { expect, test } from 'vitest';
import { makeMetrics } from '#http/metrics.ts';
import { PING, post, problemIn, rawTalk, signed, startApp } from './support.ts';

const TOKEN = 'a-token-of-the-operator';

const lines = (text: string, name: RegExp) => text.split('\n').filter((line) => name.test(line));
const sampleOf = (text: string, sample: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${sample} `))
      ?.split(' ')
      .at(-1),
  );

test('deliveries are counted as they were begun and as they ended', async () => {
  const metrics = makeMetrics({ readStats: async () => [] });
  const tell = (outcome: 'begun' | 'done' | 'wait' | 'retry' | 'dead' | 'lost', tookMs = 0) =>
    metrics.delivery({ subscriber: 'tasks.open', topic: 'task.started', outcome, tookMs });
  for (const outcome of ['done', 'done', 'wait', 'retry', 'dead', 'lost'] as const) {
    tell('begun');
    tell(outcome, 200);
  }
  const { text, type } = await metrics.render();
  expect(type).toContain('text/plain');
  const labels = 'subscriber="tasks.open",topic="task.started"';
  expect(sampleOf(text, `tasks_received_total{${labels}}`)).toBe(6);
  expect(sampleOf(text, `tasks_processed_total{${labels}}`)).toBe(3);
  for (const outcome of ['retry', 'dead', 'lost'])
    expect(sampleOf(text, `tasks_failed_total{${labels},outcome="${outcome}"}`)).toBe(1);
  expect(sampleOf(text, `processing_duration_seconds_count{${labels}}`)).toBe(6);
  expect(sampleOf(text, `processing_duration_seconds_sum{${labels}}`)).toBeCloseTo(1.2);
});

test('requests, signatures and interactions are counted by route, verdict and command', async () => {
  const app = await startApp();
  await post(app, signed(PING));
  await post(app, signed(PING, { isForged: true }));
  await post(app, signed(PING, { now: 0 }));
  await post(app, {}, '/canary-one');
  await post(app, {}, '/canary-two');
  app.metrics.interaction({ command: '/jules', outcome: 'told', tookMs: 40 });
  app.metrics.call('jules', { to: 'list sessions', code: 'ok', tookMs: 12 });
  app.metrics.call('discord', { to: 'post a message', code: 50013, tookMs: 12 });
  const text = await (await post(app, {}, '/metrics')).text();
  expect(sampleOf(text, 'verne_http_request_seconds_count{route="/interactions",status="200"}')).toBe(1);
  expect(sampleOf(text, 'verne_http_request_seconds_count{route="/interactions",status="401"}')).toBe(2);
  expect(sampleOf(text, 'verne_http_request_seconds_count{route="none",status="404"}')).toBe(2);
  expect(sampleOf(text, 'verne_signatures_total{verdict="genuine"}')).toBe(1);
  expect(sampleOf(text, 'verne_signatures_total{verdict="forged"}')).toBe(1);
  expect(sampleOf(text, 'verne_signatures_total{verdict="stale"}')).toBe(1);
  expect(sampleOf(text, 'verne_interaction_seconds_count{command="/jules",outcome="told"}')).toBe(1);
  expect(sampleOf(text, 'verne_call_seconds_count{service="jules",to="list sessions",code="ok"}')).toBe(1);
  expect(sampleOf(text, 'verne_call_seconds_count{service="discord",to="post a message",code="50013"}')).toBe(1);
  expect(text).toContain('nodejs_eventloop_lag_seconds');
  expect(text).not.toContain('canary');
});

test('the queue is read at the scrape; a database that is away makes it unknown and nothing else', async () => {
  const row = { subscriber: 'tasks.follow', due: 2, waiting: 3, working: 1, dead: 4, oldest_due_s: 17 };
  const there = (await makeMetrics({ readStats: async () => [row] }).render()).text;
  expect(sampleOf(there, 'verne_queue_known')).toBe(1);
  expect(sampleOf(there, 'verne_deliveries{subscriber="tasks.follow",state="dead"}')).toBe(4);
  expect(sampleOf(there, 'verne_oldest_due_seconds{subscriber="tasks.follow"}')).toBe(17);
  const gone = (await makeMetrics({ readStats: () => Promise.reject(new Error('away')) }).render()).text;
  expect(sampleOf(gone, 'verne_queue_known')).toBe(0);
  expect(lines(gone, /^verne_deliveries\{/)).toEqual([]);
  expect(gone).toContain('process_cpu_seconds_total');
});

test('many scrapes at once are one look at the queue', async () => {
  let reads = 0;
  const metrics = makeMetrics({
    readStats: async () => {
      reads += 1;
      return [];
    },
  });
  await Promise.all(Array.from({ length: 20 }, () => metrics.render()));
  expect(reads).toBe(1);
});

test('words that nobody foresaw do not grow the metrics for ever', async () => {
  const metrics = makeMetrics({ readStats: async () => [] });
  for (let word = 0; word < 5000; word += 1)
    metrics.delivery({ subscriber: 'one', topic: `topic.${word}`, outcome: 'begun', tookMs: 0 });
  const { text } = await metrics.render();
  expect(lines(text, /^tasks_received_total\{/)).toHaveLength(201);
  expect(sampleOf(text, 'tasks_received_total{subscriber="one",topic="other"}')).toBe(4800);
});

test('without a token only this machine reads them, and not on behalf of others', async () => {
  const app = await startApp();
  expect((await post(app, {}, '/metrics')).status).toBe(200);
  for (const header of ['x-forwarded-for', 'forwarded'])
    expect(await problemIn(await post(app, { headers: { [header]: '127.0.0.1' } }, '/metrics'))).toEqual({
      status: 403,
      code: 'not_here',
    });
  const { statusCode } = await app.app.inject({ url: '/metrics', remoteAddress: '203.0.113.9' });
  expect(statusCode).toBe(403);
});

test('with a token it is the token that counts, from anywhere, and guessing is slowed down', async () => {
  const app = await startApp({ deps: { metricsToken: TOKEN } });
  const withToken = (authorization: string) => post(app, { headers: { authorization } }, '/metrics');
  expect((await withToken(`Bearer ${TOKEN}`)).status).toBe(200);
  for (const wrong of ['', `Bearer ${TOKEN}x`, TOKEN, `Basic ${TOKEN}`, 'Bearer'])
    expect(await problemIn(await withToken(wrong))).toEqual({ status: 401, code: 'bad_token' });
  const answers = await Promise.all(Array.from({ length: 80 }, (_, guess) => withToken(`Bearer ${guess}`)));
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThan(0);
  const [first] = limited;
  if (!first) throw new Error('nobody was slowed down');
  expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await problemIn(first)).code).toBe('too_many_requests');
  const text = await rawTalk(app, (socket) =>
    socket.write(`GET /metrics HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}x\r\nconnection: close\r\n\r\n`),
  );
  expect(text).not.toContain(TOKEN);
});
