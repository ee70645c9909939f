import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { sessionName } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import { API, aClient, failureOf, KEY, NEW, SESSION, signal, withServer } from './support.ts';

const server = withServer();
const google = (code: number, status: string, message = 'Said so.') =>
  HttpResponse.json({ error: { code, status, message } }, { status: code });

test.each([
  [401, 'UNAUTHENTICATED', 'never'],
  [403, 'PERMISSION_DENIED', 'never'],
  [404, 'NOT_FOUND', 'never'],
  [400, 'INVALID_ARGUMENT', 'never'],
  [500, 'INTERNAL', 'soon'],
  [503, 'UNAVAILABLE', 'soon'],
] as const)('a read that answers %i %s is tried again: %s', async (code, status, retry) => {
  server.use(http.get(`${API}/${SESSION}`, () => google(code, status)));
  const failure = await failureOf(aClient().getSession(KEY, { name: SESSION }, { signal }));
  expect(failure).toMatchObject({ service: 'jules', code, retry, unknownOutcome: false, uncounted: false });
  expect(failure.message).toBe(`Jules answered ${code} ${status} when asked to read a session: Said so.`);
});

test('a limit is not counted and waits as long as it says', async () => {
  let retryAfter: Record<string, string> = { 'retry-after': '7' };
  const limited = () =>
    HttpResponse.json({ error: { status: 'RESOURCE_EXHAUSTED' } }, { status: 429, headers: retryAfter });
  server.use(http.get(`${API}/${SESSION}`, limited), http.post(`${API}/sessions`, limited));
  const read = await failureOf(aClient().getSession(KEY, { name: SESSION }, { signal }));
  expect(read).toMatchObject({ code: 429, retry: { afterMs: 7000 }, uncounted: true });
  retryAfter = {};
  const create = await failureOf(aClient().createSession(KEY, NEW, { signal }));
  expect(create).toMatchObject({ code: 429, retry: 'soon', uncounted: true, unknownOutcome: false });
});

test.each([
  [400, 'FAILED_PRECONDITION', 'soon', true],
  [400, 'INVALID_ARGUMENT', 'never', true],
  [401, 'UNAUTHENTICATED', 'never', false],
  [403, 'PERMISSION_DENIED', 'never', false],
  [500, 'INTERNAL', 'soon', true],
  [504, 'DEADLINE_EXCEEDED', 'soon', true],
] as const)('a create that answers %i %s leaves the outcome unknown: %s %s', async (code, status, retry, unknown) => {
  server.use(http.post(`${API}/sessions`, () => google(code, status)));
  const failure = await failureOf(aClient().createSession(KEY, NEW, { signal }));
  expect(failure).toMatchObject({ code, retry, unknownOutcome: unknown });
});

test('a message refused with 400 has surely not been sent', async () => {
  server.use(http.post(`${API}/${SESSION}\\:sendMessage`, () => google(400, 'INVALID_ARGUMENT')));
  const failure = await failureOf(aClient().sendMessage(KEY, { name: SESSION, prompt: 'x' }, { signal }));
  expect(failure).toMatchObject({ code: 400, retry: 'never', unknownOutcome: false });
});

test('a read is tried three times with growing room to wait, a create once', async () => {
  let calls = 0;
  const waits: number[] = [];
  const broken = () => {
    calls += 1;
    return google(503, 'UNAVAILABLE');
  };
  server.use(http.get(`${API}/${SESSION}`, broken), http.post(`${API}/sessions`, broken));
  const client = aClient({
    random: () => 0.5,
    sleep: async (ms) => {
      waits.push(ms);
    },
  });
  await failureOf(client.getSession(KEY, { name: SESSION }, { signal }));
  expect(calls).toBe(3);
  expect(waits).toEqual([100, 200]);
  await failureOf(client.createSession(KEY, NEW, { signal }));
  expect(calls).toBe(4);
});

test('a read that succeeds at the second try is a success', async () => {
  let calls = 0;
  server.use(
    http.get(`${API}/${SESSION}`, () => {
      calls += 1;
      return calls === 1 ? HttpResponse.error() : HttpResponse.json({ name: SESSION, state: 'PLANNING' });
    }),
  );
  expect(await aClient().getSession(KEY, { name: SESSION }, { signal })).toMatchObject({ state: 'PLANNING' });
});

test('a page of HTML and an answer of another shape are failures with a code', async () => {
  const html = () => HttpResponse.html('<html>Error 502</html>', { status: 502 });
  server.use(
    http.get(`${API}/sources`, html),
    http.post(`${API}/sessions`, () => HttpResponse.html('<p>hello')),
  );
  expect(await failureOf(aClient().listSources(KEY, {}, { signal }))).toMatchObject({ code: 502, retry: 'soon' });
  const create = await failureOf(aClient().createSession(KEY, NEW, { signal }));
  expect(create).toMatchObject({ code: 'not_json', unknownOutcome: true });
  server.use(http.post(`${API}/sessions`, () => HttpResponse.json({ state: 'QUEUED' })));
  const nameless = await failureOf(aClient().createSession(KEY, NEW, { signal }));
  expect(nameless).toMatchObject({ code: 'unreadable', unknownOutcome: true });
  server.use(http.get(`${API}/sessions`, () => HttpResponse.json({ sessions: 'none' })));
  expect(await failureOf(aClient().listSessions(KEY, {}, { signal }))).toMatchObject({ code: 'unreadable' });
});

test('an answer of more than eight megabytes is refused', async () => {
  server.use(http.get(`${API}/${SESSION}`, () => HttpResponse.text('x'.repeat(9 * 1024 * 1024))));
  const failure = await failureOf(aClient().getSession(KEY, { name: SESSION }, { signal }));
  expect(failure).toMatchObject({ code: 'too_large' });
});

test('the key is in no failure, even when the answer repeats it or no header can carry it', async () => {
  server.use(
    http.get(`${API}/${SESSION}`, () =>
      google(400, 'INVALID_ARGUMENT', `bad key ${KEY.reveal()} ${'long '.repeat(99)}`),
    ),
  );
  const echoed = await failureOf(aClient().getSession(KEY, { name: SESSION }, { signal }));
  expect(echoed.message).not.toContain(KEY.reveal());
  expect(echoed.message.length).toBeLessThan(300);
  const odd = await failureOf(aClient().getSession(new Secret('two\nlines'), { name: SESSION }, { signal }));
  expect(odd).toMatchObject({ code: 'bad_key', retry: 'never', unknownOutcome: false });
  expect(odd.message + odd.stack).not.toContain('two\nlines');
});

test.each(['sessions/..', 'sessions/1/activities', 'sessions/', 'sources/x', 'sessions/1?x=y', 'sessions/%2e%2e'])(
  'the name %s never becomes a path',
  async (name) => {
    const failure = await failureOf(aClient().getSession(KEY, { name: sessionName(name) }, { signal }));
    expect(failure).toMatchObject({ code: 'bad_name', retry: 'never' });
  },
);

test.each(['sources/github/../r', 'sources/github/o/.', 'github/o/r', 'sources/github/o r'])(
  'the source %s is not sent',
  async (source) => {
    const failure = await failureOf(aClient().createSession(KEY, { ...NEW, source }, { signal }));
    expect(failure).toMatchObject({ code: 'bad_name', unknownOutcome: false });
  },
);

test('a call that was stopped before it began has surely done nothing; one stopped on the way may have', async () => {
  const stop = new AbortController();
  server.use(
    http.post(`${API}/sessions`, () => {
      stop.abort();
      return new Promise<never>(() => undefined);
    }),
  );
  const patient = aClient({ createTimeoutMs: 60_000 });
  const onTheWay = await failureOf(patient.createSession(KEY, NEW, { signal: stop.signal }));
  expect(onTheWay).toMatchObject({ code: 'aborted', unknownOutcome: true, uncounted: true });
  const before = await failureOf(aClient().createSession(KEY, NEW, { signal: stop.signal }));
  expect(before).toMatchObject({ code: 'aborted', unknownOutcome: false });
});

const refusedAt = (address: string) =>
  Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED', syscall: 'connect' });

test.each([
  ['refused at each of its addresses', [refusedAt('::1'), refusedAt('127.0.0.1')], false],
  ['refused at one and broken at the other', [refusedAt('::1'), new Error('other side closed')], true],
  ['failed for no reason that is told', [], true],
])('a POST to a host with several addresses, %s', async (_what, errors, unknownOutcome) => {
  const fetch = () => Promise.reject(new TypeError('fetch failed', { cause: new AggregateError(errors) }));
  const failure = await failureOf(aClient({ fetch }).createSession(KEY, NEW, { signal }));
  expect(failure).toMatchObject({ code: 'network', unknownOutcome });
});
