import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import helmet from '@fastify/helmet';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { Refusal, RemoteFailure } from '#kernel/errors.ts';
import { PING, post, problem, problemIn, rawTalk, signed, startApp } from './support.ts';

const ROUTES = [
  { method: 'POST', path: '/interactions' },
  { method: 'POST', path: '/webhook/jules' },
  { method: 'GET', path: '/healthz' },
  { method: 'GET', path: '/readyz' },
  { method: 'GET', path: '/metrics' },
] as const;

/** Status and problem of the last answer in what a socket received. */
function lastAnswer(text: string) {
  const at = text.lastIndexOf('HTTP/1.1 ');
  const [head = '', body = ''] = text.slice(at).split('\r\n\r\n');
  const { error } = problem.parse(JSON.parse(body.replace(/^[0-9a-f]+\r\n/, '').split('\r\n')[0] ?? ''));
  expect(head.toLowerCase()).toContain(`x-correlation-id: ${error.correlation_id}`);
  return { status: Number(head.slice(9, 12)), code: error.code };
}

const talk = async (app: { port: number }, text: string) =>
  lastAnswer(await rawTalk(app, (socket: Socket) => socket.write(text)));

test('an address that is not there is 404, with any method and whatever is sent to it', async () => {
  const app = await startApp();
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
    expect(await problemIn(await post(app, { method }, '/canary?x=1'))).toEqual({ status: 404, code: 'not_found' });
  for (const path of ['/', '//interactions', '/interactions/', '/Interactions', '/healthz/../x', '/%2e%2e/etc/passwd'])
    expect((await problemIn(await post(app, { method: 'POST' }, path))).status).toBe(404);
  const broken = await problemIn(await post(app, { method: 'GET' }, '/%E0%A4%A'));
  expect(broken).toEqual({ status: 400, code: 'bad_request' });
});

test('a method that a route does not take is 405 and names the right ones', async () => {
  const app = await startApp();
  for (const { method, path } of ROUTES) {
    for (const wrong of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((one) => one !== method)) {
      const response = await post(app, { method: wrong }, path);
      expect(response.headers.get('allow')).toContain(method);
      expect(await problemIn(response)).toEqual({ status: 405, code: 'method_refused' });
    }
    for (const odd of ['TRACE', 'PROPFIND', 'PURGE']) {
      const text = `${odd} ${path} HTTP/1.1\r\nhost: x\r\nx-secret: canary\r\nconnection: close\r\n\r\n`;
      const answer = await rawTalk(app, (socket) => socket.write(text));
      expect(lastAnswer(answer).status).toBeGreaterThanOrEqual(404);
      expect(answer).not.toContain('canary');
    }
  }
});

test('on every route a body that is compressed or too large is refused before it is read', async () => {
  const app = await startApp();
  for (const { method, path } of ROUTES) {
    const head = `${method} ${path} HTTP/1.1\r\nhost: x\r\n`;
    expect(await talk(app, `${head}content-encoding: gzip\r\ncontent-length: 5\r\n\r\n`)).toEqual({
      status: 415,
      code: 'encoding_refused',
    });
    expect(await talk(app, `${head}content-length: 99999999\r\n\r\n`)).toEqual({ status: 413, code: 'too_large' });
  }
});

test('what is no HTTP, or says two things at once, is answered in the same form and hung up on', async () => {
  const app = await startApp();
  const head = 'POST /interactions HTTP/1.1\r\nhost: x\r\n';
  const garbage = [
    'canary\r\n\r\n',
    'GET /healthz HTTP/9.9\r\nhost: x\r\n\r\n',
    `${head}content-length: 3\r\ncontent-length: 4\r\n\r\nabc`,
    `${head}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `POST /webhook/jules HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`,
    `${head}content-length: -1\r\n\r\n`,
    `${head}bad header\r\n\r\n`,
    `${head}a: b\r\n c: d\r\n\r\n`,
    'GET /healthz HTTP/1.1\r\nhost: x\r\nx: \u0000\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ];
  for (const text of garbage) expect((await talk(app, text)).status).toBe(400);
  expect(await talk(app, `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatchObject({
    status: 431,
  });
  expect((await talk(app, 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n')).status).toBe(400);
  expect((await talk(app, `${head}expect: canary\r\nconnection: close\r\n\r\n`)).status).toBe(417);
  expect((await post(app, signed(PING))).status).toBe(200);
});

test('who sends slowly is cut off, and others are served meanwhile (D01)', async () => {
  const app = await startApp();
  expect(app.app.server).toMatchObject({ headersTimeout: 4500, requestTimeout: 9500, maxHeadersCount: 64 });
  app.app.server.headersTimeout = 200;
  app.app.server.requestTimeout = 400;
  const slow = (start: string) =>
    rawTalk(app, (socket) => {
      socket.write(start);
      const drip = setInterval(() => socket.write('a'), 100);
      socket.once('close', () => clearInterval(drip));
    });
  const { headers } = signed(PING);
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const inHeaders = Array.from({ length: 20 }, () => slow('GET /healthz HTTP/1.1\r\nhost: x\r\nx: '));
  const inBody = Array.from({ length: 20 }, () =>
    slow(`POST /interactions HTTP/1.1\r\nhost: x\r\n${named.join('')}content-length: 5000\r\n\r\n`),
  );
  await sleep(50);
  expect((await post(app, signed(PING))).status).toBe(200);
  for (const text of await Promise.all([...inHeaders, ...inBody])) expect(lastAnswer(text).status).toBe(408);
});

test('who does not hang up after the answer is hung up on', async () => {
  const app = await startApp();
  const sockets = Array.from({ length: 10 }, () =>
    connect({ port: app.port, host: '127.0.0.1', allowHalfOpen: true }, function said(this: Socket) {
      this.on('error', () => {});
      this.resume();
      this.write('canary\r\n\r\n');
    }),
  );
  const connections = () =>
    new Promise<number>((resolve) => app.app.server.getConnections((_, count) => resolve(count)));
  await Promise.all(sockets.map((socket) => once(socket, 'end')));
  // Node itself would do it after five.
  const deadline = Date.now() + 4000;
  while ((await connections()) > 0) {
    if (Date.now() > deadline) throw new Error(`${await connections()} are still there`);
    await sleep(50);
  }
  for (const socket of sockets) socket.destroy();
});

test('every answer has the headers that keep browsers away, and a correlation of its own', async () => {
  const app = await startApp();
  const sent = { headers: { 'x-correlation-id': 'canary', 'x-request-id': 'canary', 'request-id': 'canary' } };
  const plain = Fastify();
  await plain.register(helmet);
  const { headers: byHelmet } = await plain.inject('/');
  const expected = Object.entries(byHelmet).filter(([name]) => !/^(content-(type|length)|date|connection)$/.test(name));
  expect(expected.length).toBeGreaterThan(10);
  const ids = [];
  for (const path of ['/healthz', '/readyz', '/metrics', '/canary']) {
    const { headers } = await post(app, sent, path);
    for (const [name, value] of expected) expect(headers.get(name), name).toBe(value);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('x-powered-by')).toBeNull();
    ids.push(headers.get('x-correlation-id'));
  }
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
});

test('a refusal, an outage and a defect are each told as what they are, without the inside', async () => {
  const failure = (service: 'database' | 'jules') =>
    new RemoteFailure('canary-host refused', { service, code: 'timeout', retry: 'soon' });
  const thrown: Record<string, () => unknown> = {
    refusal: () => new Refusal('no_such_guild', 'There is no such server here. Ask in the server itself.'),
    database: () => failure('database'),
    jules: () => failure('jules'),
    defect: () => new TypeError('canary is not a function'),
    text: () => 'canary',
  };
  const app = await startApp({
    extend: (fastify) => {
      for (const [name, make] of Object.entries(thrown))
        fastify.get(`/${name}`, async () => {
          throw make();
        });
    },
  });
  const answers: Record<string, unknown> = {};
  for (const name of Object.keys(thrown)) {
    const response = await post(app, {}, `/${name}`);
    expect(await response.clone().text()).not.toContain('canary');
    answers[name] = await problemIn(response);
  }
  expect(answers).toEqual({
    refusal: { status: 400, code: 'no_such_guild' },
    database: { status: 503, code: 'database_away' },
    jules: { status: 503, code: 'service_away' },
    defect: { status: 500, code: 'defect' },
    text: { status: 500, code: 'defect' },
  });
});

test('the address of a caller is believed only from as many proxies as stand in front', async () => {
  const ipSeen = async (trustedProxies: number, forwarded: string) => {
    const app = await startApp({
      deps: { trustedProxies },
      extend: (fastify) => fastify.get('/ip', async ({ ip }) => ({ ip })),
    });
    const response = await post(app, { headers: { 'x-forwarded-for': forwarded } }, '/ip');
    return ((await response.json()) as { ip: string }).ip;
  };
  expect(await ipSeen(0, '203.0.113.9')).toBe('127.0.0.1');
  expect(await ipSeen(1, '198.51.100.1, 203.0.113.9')).toBe('203.0.113.9');
  expect(await ipSeen(2, '198.51.100.1, 203.0.113.9')).toBe('198.51.100.1');
});
