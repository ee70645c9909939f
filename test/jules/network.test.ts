import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pooledFetch } from '#jules/pooled-fetch.ts';
import { aClient, failureOf, KEY, NEW, SESSION, signal } from './support.ts';

const pool = pooledFetch();
/** Without connections of earlier tests, whose end it would take for the answer. */
const freshPool = pooledFetch();
const server = createServer((request, response) => answer(request, response));
let answer: Parameters<typeof createServer>[1] & object;
let apiBase = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  apiBase = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

async function stopServer() {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

afterAll(async () => {
  if (server.listening) await stopServer();
  await Promise.all([pool.close(), freshPool.close()]);
});

const fetches = [
  ['the pooled fetch', pool.fetch],
  ["Node's own fetch", globalThis.fetch],
] as const;

test.each(fetches)('with %s a slow body runs into the same timeout as slow headers', async (_name, fetch) => {
  answer = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"na');
  const client = aClient({ apiBase, fetch, timeoutMs: 60, createTimeoutMs: 60 });
  const create = await failureOf(client.createSession(KEY, NEW, { signal }));
  expect(create).toMatchObject({ code: 'timeout', retry: 'soon', unknownOutcome: true });
  const read = await failureOf(client.getSession(KEY, { name: SESSION }, { signal }));
  expect(read).toMatchObject({ code: 'timeout', unknownOutcome: false });
});

test.each(fetches)('with %s a dropped connection leaves the outcome of a POST unknown', async (_name, fetch) => {
  answer = (request) => request.socket.destroy();
  const dropped = await failureOf(aClient({ apiBase, fetch }).createSession(KEY, NEW, { signal }));
  expect(dropped).toMatchObject({ code: 'network', retry: 'soon', unknownOutcome: true });
});

test.each(fetches)('with %s a redirect is not followed, so the key goes nowhere else', async (_name, fetch) => {
  const asked: string[] = [];
  answer = (request, response) => {
    asked.push(String(request.url));
    response.writeHead(302, { location: `${apiBase}/elsewhere` }).end();
  };
  const failure = await failureOf(aClient({ apiBase, fetch }).getSession(KEY, { name: SESSION }, { signal }));
  expect(failure).toMatchObject({ code: 302, retry: 'never' });
  expect(asked).toEqual([`/${SESSION}`]);
});

test.each([
  ['the pooled fetch', freshPool.fetch],
  ["Node's own fetch", globalThis.fetch],
] as const)('with %s a POST that never connected has surely done nothing', async (_name, fetch) => {
  if (server.listening) await stopServer();
  for (const base of [apiBase, apiBase.replace('127.0.0.1', 'localhost'), 'http://nowhere.invalid']) {
    const refused = await failureOf(aClient({ apiBase: base, fetch }).createSession(KEY, NEW, { signal }));
    expect(refused).toMatchObject({ code: 'network', retry: 'soon', unknownOutcome: false });
  }
});
