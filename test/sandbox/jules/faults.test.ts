import { afterEach, expect, test } from 'vitest';
import { FOREVER_MS, NEW, simulate, until } from './support.ts';

const jules = simulate();
afterEach(() => jules.control.clearFaults());

const created = () => jules.control.truth.filter(({ kind }) => kind === 'created').length;
const listed = async () => (await jules.call('GET', '/sessions?pageSize=100')).json.sessions?.length ?? 0;
const create = (signal?: AbortSignal) =>
  fetch(`${jules.url}/sessions`, {
    method: 'POST',
    headers: { 'x-goog-api-key': 'key-of-ada-12345678' },
    body: JSON.stringify(NEW),
    ...(signal && { signal }),
  });

test.each([
  ['error_before', 503, 0],
  ['precondition_before', 400, 0],
  ['error_after', 500, 1],
  ['precondition_after', 400, 1],
  ['rate_limited', 429, 0],
  ['html', 502, 0],
  ['unauthorized', 401, 0],
] as const)('%s answers a create with %i and makes %i sessions', async (kind, status, made) => {
  const before = created();
  jules.control.fault({ on: 'create', kind });
  expect((await jules.call('POST', '/sessions', NEW)).status).toBe(status);
  expect(created() - before).toBe(made);
  expect((await jules.call('POST', '/sessions', NEW)).status).toBe(200);
});

test.each([
  ['drop_before', 0],
  ['drop_after', 1],
  ['reset_body', 1],
] as const)('%s breaks the connection and makes %i sessions', async (kind, made) => {
  const before = created();
  jules.control.fault({ on: 'create', kind });
  await expect(create().then((response) => response.text())).rejects.toThrow();
  expect(created() - before).toBe(made);
});

test('a late landing answers nothing, and the session is there although nobody waits for it any more', async () => {
  const before = created();
  const stop = new AbortController();
  jules.control.fault({ on: 'create', kind: 'late_landing', ms: 200 });
  const answer = create(stop.signal);
  await until(() => jules.requests.at(-1)?.status === 'silent', 'it is heard');
  stop.abort();
  await expect(answer).rejects.toThrow();
  await until(() => created() === before + 1, 'it lands');
});

test.each([
  { kind: 'list_lag', ms: FOREVER_MS },
  { kind: 'error_after', listLagMs: FOREVER_MS },
])('with %j a new session is hidden from lists, not from its name', async (fault) => {
  const before = await listed();
  jules.control.fault({ on: 'create', ...fault });
  await create();
  expect(await listed()).toBe(before);
  const { id } = jules.control.state().at(-1) ?? expect.unreachable('nothing was created');
  expect((await jules.call('GET', `/sessions/${id}`)).status).toBe(200);
});

test('list lag ends', async () => {
  const before = await listed();
  jules.control.fault({ on: 'create', kind: 'list_lag', ms: 60 });
  await create();
  await until(async () => (await listed()) === before + 1, 'it is listed');
});

test('a limit says how long to wait only when told so', async () => {
  jules.control.fault({ on: 'get', kind: 'rate_limited', retryAfterS: 3 });
  jules.control.fault({ on: 'get', kind: 'rate_limited' });
  const name = await jules.create();
  expect((await jules.call('GET', `/${name}`)).headers.get('retry-after')).toBe('3');
  expect((await jules.call('GET', `/${name}`)).headers.get('retry-after')).toBeNull();
});

test.each(['slow', 'slow_body'])('%s answers in full, later', async (kind) => {
  const name = await jules.create();
  jules.control.fault({ on: 'get', kind, ms: 60 });
  const since = performance.now();
  expect((await jules.call('GET', `/${name}`)).json).toMatchObject({ name });
  expect(performance.now() - since).toBeGreaterThan(50);
});

test('a fault meets only its method, its account and its session, as often as it says', async () => {
  const [one, two] = [await jules.create(), await jules.create()];
  const id = one.slice('sessions/'.length);
  jules.control.fault({ on: 'get', kind: 'not_found', session: id, times: 2 });
  jules.control.fault({ on: 'sources', kind: 'html', account: 'bob' });
  const statuses = async (paths: string[]) => {
    const all: number[] = [];
    for (const path of paths) all.push((await jules.call('GET', path)).status);
    return all;
  };
  expect(await statuses([`/${two}`, '/sources', `/${one}`, `/${one}`, `/${one}`])).toEqual([200, 200, 404, 404, 200]);
  jules.control.fault({ on: 'any', kind: 'error_before', times: 0 });
  expect(await statuses([`/${two}`, '/sources', '/sessions', `/${one}/activities`])).toEqual([503, 503, 503, 503]);
});

test('what is refused anyway is refused as ever, fault or not', async () => {
  jules.control.fault({ on: 'create', kind: 'error_after' });
  expect((await jules.call('POST', '/sessions', { title: 'no prompt' })).status).toBe(400);
});
