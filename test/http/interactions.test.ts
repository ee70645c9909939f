import type { APIInteractionResponse } from 'discord-api-types/v10';
import { expect, test } from 'vitest';
import { PING, post, problemIn, rawTalk, signed, startApp } from './support.ts';

const REPLY: APIInteractionResponse = { type: 4, data: { content: 'recorded', flags: 64 } };
const command = (id: string, facts: object = {}) => JSON.stringify({ id, type: 2, data: { name: 'jules' }, ...facts });

test('a PING is answered inline, as JSON', async () => {
  const app = await startApp();
  const response = await post(app, signed(PING));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await response.json()).toEqual({ type: 1 });
});

test('a command is answered inline by the handlers, who get what was signed', async () => {
  const app = await startApp({ answer: async () => REPLY });
  const response = await post(app, signed(command('11', { 'new field': ['ä', null, 1.5] })));
  expect(await response.json()).toEqual(REPLY);
  expect(app.answered).toEqual([{ id: '11', type: 2, data: { name: 'jules' }, 'new field': ['ä', null, 1.5] }]);
});

test('a bad signature, as Discord sends them on purpose, is 401 within 100 ms, and nobody reads the body (W07)', async () => {
  const app = await startApp();
  await post(app, signed(PING));
  const tookMs: number[] = [];
  for (let probe = 0; probe < 21; probe += 1) {
    const forged = signed(command(String(probe)), { isForged: true });
    const startedAt = performance.now();
    const response = await post(app, forged);
    tookMs.push(performance.now() - startedAt);
    expect(await problemIn(response)).toEqual({ status: 401, code: 'bad_signature' });
  }
  expect(tookMs.sort((a, b) => a - b)[10]).toBeLessThan(100);
  expect(app.answered).toHaveLength(1);
});

test('what is refused looks the same whatever was wrong with it, and no byte of it is parsed', async () => {
  const app = await startApp();
  const honest = signed(command('1'));
  const without = (name: string) => ({ ...honest.headers, [name]: '' });
  const mutants: RequestInit[] = [
    { ...honest, headers: {} },
    { ...honest, headers: without('x-signature-ed25519') },
    { ...honest, headers: without('x-signature-timestamp') },
    { ...honest, body: `${command('1')} ` },
    { ...honest, body: '' },
    { ...honest, body: '{"__proto__": {"polluted": true}' },
    signed(command('1'), { now: Date.now() - 400_000 }),
    signed(command('1'), { now: Date.now() + 400_000 }),
    signed(command('1'), { isForged: true }),
  ];
  const answers = await Promise.all(mutants.map(async (init) => problemIn(await post(app, init))));
  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
    new Set(['{"status":401,"code":"bad_signature"}']),
  );
  expect(app.answered).toEqual([]);
});

test('a request that comes again is answered again and handled once', async () => {
  let handled = 0;
  const answer = async (): Promise<APIInteractionResponse> => ({ type: 4, data: { content: `${++handled}` } });
  const app = await startApp({ answer });
  const init = signed(command('77'));
  const answers = await Promise.all(Array.from({ length: 20 }, async () => (await post(app, init)).json()));
  expect(new Set(answers.map((one) => JSON.stringify(one)))).toEqual(new Set(['{"type":4,"data":{"content":"1"}}']));
  expect(handled).toBe(1);
  await post(app, signed(command('78')));
  expect(handled).toBe(2);
});

test('what broke is not remembered: the same request may succeed later', async () => {
  let tries = 0;
  const app = await startApp({
    answer: async () => {
      tries += 1;
      if (tries === 1) throw new Error('canary-inside');
      return REPLY;
    },
  });
  const init = signed(command('5'));
  const broken = await post(app, init);
  const text = await broken.clone().text();
  expect(await problemIn(broken)).toEqual({ status: 500, code: 'defect' });
  expect(text).not.toContain('canary');
  expect(app.lines).toContainEqual(expect.objectContaining({ event: 'http.failed', code: 'defect' }));
  expect((await post(app, init)).status).toBe(200);
});

test('what Discord signed and nobody can read is 400', async () => {
  const app = await startApp();
  for (const body of ['', '{', '[]', 'null', '{"id": 1, "type": 1}', '{"id": "", "type": 1}', '{"type": 2}', '"text"'])
    expect(await problemIn(await post(app, signed(body)))).toEqual({ status: 400, code: 'bad_request' });
  expect(app.answered).toEqual([]);
});

test('deep, wide and poisoned JSON is read without harm', async () => {
  const app = await startApp();
  const bodies = [
    `{"id":"1","type":2,"x":${'['.repeat(60_000)}${']'.repeat(60_000)}}`,
    `{"id":"2","type":2,${Array.from({ length: 15_000 }, (_, at) => `"k${at}":${at}`).join(',')}}`,
    '{"id":"3","type":2,"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}',
    '{"id":"4","type":2,"n":1e999,"id":"4"}',
  ];
  for (const body of bodies) {
    const response = await post(app, signed(body));
    expect([200, 400]).toContain(response.status);
    await response.arrayBuffer();
  }
  expect(Reflect.get({}, 'admin')).toBeUndefined();
});

test('a body over 256 KB is refused by its length, and without a length at the limit', async () => {
  const app = await startApp();
  const large = signed(command('1', { text: 'x'.repeat(300_000) }));
  expect(await problemIn(await post(app, large))).toEqual({ status: 413, code: 'too_large' });
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(large.body);
      controller.close();
    },
  });
  const init = { ...large, body: stream, duplex: 'half' } as RequestInit;
  expect(await problemIn(await post(app, init))).toEqual({ status: 413, code: 'too_large' });
});

test('a compressed body is refused, whatever it holds', async () => {
  const app = await startApp();
  for (const encoding of ['gzip', 'br', 'deflate', 'gzip, gzip', 'x']) {
    const init = signed(PING);
    const headers = { ...init.headers, 'content-encoding': encoding };
    expect(await problemIn(await post(app, { ...init, headers }))).toEqual({ status: 415, code: 'encoding_refused' });
  }
});

test('two signatures in one request are none', async () => {
  const app = await startApp();
  const { headers, body } = signed(PING);
  const text = await rawTalk(app, (socket) => {
    socket.write(
      `POST /interactions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n` +
        `x-signature-ed25519: ${headers['x-signature-ed25519']}\r\nx-signature-ed25519: ${headers['x-signature-ed25519']}\r\n` +
        `x-signature-timestamp: ${headers['x-signature-timestamp']}\r\n\r\n${body}`,
    );
  });
  expect(text).toMatch(/^HTTP\/1\.1 401 /);
});

test('honest requests are answered while bad signatures pour in, and the log stays short', async () => {
  const app = await startApp({ answer: async () => REPLY });
  let isOver = false;
  let refused = 0;
  const forged = signed(command('1'), { isForged: true });
  const flood = Array.from({ length: 32 }, async () => {
    while (!isOver) {
      const response = await post(app, forged);
      await response.arrayBuffer();
      expect(response.status).toBe(401);
      refused += 1;
    }
  });
  const tookMs: number[] = [];
  for (let id = 0; id < 50; id += 1) {
    const startedAt = performance.now();
    const response = await post(app, signed(command(`honest ${id}`)));
    expect(await response.json()).toEqual(REPLY);
    tookMs.push(performance.now() - startedAt);
  }
  isOver = true;
  await Promise.all(flood);
  expect(refused).toBeGreaterThan(200);
  // Discord waits three seconds.
  expect(Math.max(...tookMs)).toBeLessThan(3000);
  expect(app.lines.filter(({ event }) => event === 'http.refused').length).toBeLessThanOrEqual(2);
});

test('with all places of the verifier taken the answer is 503, and says when to come again', async () => {
  const app = await startApp({ maxUnderWay: 1 });
  // Signing takes longer than verifying: all is signed before the first is sent, or none would meet another.
  const requests = Array.from({ length: 64 }, (_, id) => signed(command(String(id))));
  const answers = await Promise.all(
    requests.map(async (request) => {
      const response = await post(app, request);
      if (response.status === 200) return { status: 200 };
      expect(response.headers.get('retry-after')).toBe('1');
      return problemIn(response);
    }),
  );
  expect(answers).toContainEqual({ status: 503, code: 'busy' });
  expect(answers).toContainEqual({ status: 200 });
});

test('without a public key there is no such address', async () => {
  const app = await startApp({ deps: { interactions: undefined } });
  expect(await problemIn(await post(app, signed(PING)))).toEqual({ status: 404, code: 'not_found' });
});
