import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { AMBIGUOUS, brokenBy, say } from './attacks/desync.ts';
import { rawTalk, startApp } from './support.ts';

test('what two readers could read differently is answered once at most, and the connection ends (D07)', async () => {
  const app = await startApp();
  const broken: Record<string, string> = {};
  await Promise.all(
    Object.entries(AMBIGUOUS).map(async ([name, text]) => {
      for (const cuts of [[], [7, 31, text.length]]) {
        const found = brokenBy(await say(app.port, text, cuts));
        if (found) broken[name] = found;
      }
    }),
  );
  expect(broken).toEqual({});
  expect(app.answered).toEqual([]);
});

test('requests that are sent without waiting are answered in their order', async () => {
  const app = await startApp();
  const paths = ['/healthz', '/hidden', '/openapi.json', '/interactions'];
  const many = Array.from({ length: 100 }, (_, at) => paths[at % 4]);
  const text = many.map((path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`).join('');
  const answersIn = (said: string) => [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
  const said = await rawTalk(
    app,
    (socket) => socket.write(text),
    (so_far) => answersIn(so_far).length === many.length,
  );
  expect(answersIn(said)).toEqual(many.map((_, at) => ['200', '404', '200', '405'][at % 4]));
});

test('broken bytes behind a request that is being answered take no answer in its place', async () => {
  const app = await startApp({
    extend: (fastify) => fastify.get('/slow', () => new Promise((resolve) => setTimeout(resolve, 100, { ok: true }))),
  });
  const said = await rawTalk(app, (socket) => socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\nnonsense\r\n\r\n'));
  expect(said).not.toContain('bad_request');
});

test('at the most connections that are kept, the idle ones make room for who comes next', async () => {
  const app = await startApp();
  app.app.server.maxConnections = 10;
  const get = (more = '') => `GET /healthz HTTP/1.1\r\nhost: x\r\n${more}\r\n`;
  const idle = Array.from({ length: 10 }, () => connect({ port: app.port, host: '127.0.0.1' }));
  const ended = Promise.all(idle.map((socket) => once(socket, 'close')));
  for (const socket of idle) {
    socket.write(get());
    await once(socket, 'data');
  }
  const ask = () => rawTalk(app, (socket) => socket.write(get('connection: close\r\n')));
  // The first to come finds no room, and makes it.
  expect(await ask()).toBe('');
  await ended;
  expect(await ask()).toMatch(/^HTTP\/1\.1 200 /);
});
