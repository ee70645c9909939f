import { delay, HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type SupabaseOptions, supabaseRpc } from '#db/supabase.ts';
import { RemoteFailure } from '#kernel/errors.ts';

const URL_OF_PROJECT = 'https://project.supabase.test';
const KEY = 'sb_secret_canary-key';
const RPC = `${URL_OF_PROJECT}/rest/v1/rpc/request_task`;

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

// msw puts its own fetch in place when it starts, so it is looked up at each call.
const aClient = (options: Partial<SupabaseOptions> = {}) =>
  supabaseRpc({
    url: URL_OF_PROJECT,
    key: KEY,
    timeoutMs: 2000,
    fetch: (...request) => globalThis.fetch(...request),
    ...options,
  });
const rpc = aClient();
const ask = (call = rpc, options = {}) =>
  call('request_task', { prompt: 'canary-prompt' }, options).then(
    (result) => expect.fail(`answered ${JSON.stringify(result)}`),
    (thrown: unknown) => thrown as Error,
  );

const HTML = '<html><body>canary-body</body></html>';
const pgrst = (code: string, status: number) => () =>
  HttpResponse.json({ code, message: 'canary-body', details: 'canary-body', hint: null }, { status });
const page =
  (status: number, headers = {}) =>
  () =>
    new HttpResponse(HTML, { status, headers: { 'content-type': 'text/html', ...headers } });

const WEATHER: [what: string, answer: () => Response, facts: object][] = [
  ['a 502 page of a gateway', page(502), { code: '502', unknownOutcome: true }],
  ['a 504 page', page(504), { code: '504', unknownOutcome: true }],
  ['a 520 of the network before it', page(520), { code: '520', unknownOutcome: true }],
  ['a 540 of a paused project', page(540), { code: '540', unknownOutcome: true }],
  ['a 408', page(408), { code: '408', unknownOutcome: true }],
  ['a database that is not there (PGRST000)', pgrst('PGRST000', 503), { code: 'PGRST000', unknownOutcome: false }],
  ['a connection that broke (PGRST001)', pgrst('PGRST001', 503), { code: 'PGRST001', unknownOutcome: true }],
  ['a schema that is being read (PGRST002)', pgrst('PGRST002', 503), { code: 'PGRST002', unknownOutcome: false }],
  ['no free connection in time (PGRST003)', pgrst('PGRST003', 504), { code: 'PGRST003', unknownOutcome: false }],
  ['a statement timeout', pgrst('57014', 500), { code: '57014', unknownOutcome: false }],
  ['a serialization failure', pgrst('40001', 500), { code: '40001', unknownOutcome: false }],
  ['a server that shuts down', pgrst('57P01', 503), { code: '57P01', unknownOutcome: true }],
  ['a limit', page(429), { code: '429', unknownOutcome: false, uncounted: true }],
  ['an empty success', () => new HttpResponse('', { status: 200 }), { code: '200', unknownOutcome: true }],
  ['a page where a result should be', page(200), { code: 'unreadable', unknownOutcome: true }],
  [
    'half a result',
    () => new HttpResponse('{"kind": "requ', { status: 200 }),
    { code: 'unreadable', unknownOutcome: true },
  ],
  ['a network error', () => HttpResponse.error(), { code: 'network', unknownOutcome: true }],
];

test.each(WEATHER)('%s passes, and says whether it may have taken effect', async (_, answer, facts) => {
  server.use(http.post(RPC, answer));
  const error = await ask();
  expect(error).toBeInstanceOf(RemoteFailure);
  expect(error).toMatchObject({ service: 'database', retry: 'soon', ...facts });
});

test('a time to come back is kept, unless it is now', async () => {
  server.use(http.post(RPC, page(503, { 'retry-after': '7' })));
  expect(await ask()).toMatchObject({ retry: { afterMs: 7000 } });
  server.use(http.post(RPC, page(503, { 'retry-after': '0' })));
  expect(await ask()).toMatchObject({ retry: 'soon' });
});

test.each([
  ['an expired token', pgrst('PGRST301', 401)],
  ['no token', pgrst('PGRST302', 401)],
  ['a token out of its time', pgrst('PGRST303', 401)],
  ['a gateway that does not know the key', () => HttpResponse.json({ message: 'Invalid API key' }, { status: 401 })],
  ['a key that may not call the function', pgrst('42501', 401)],
  ['a role that may not call the function', pgrst('42501', 403)],
  ['a firewall', page(403)],
])('%s is not tried again, and the variable is named', async (_, answer) => {
  server.use(http.post(RPC, answer));
  const error = await ask();
  expect(error).toMatchObject({ service: 'database', retry: 'never', unknownOutcome: false });
  expect(error.message).toMatch(/SUPABASE_SERVICE_ROLE_KEY \(or SUPABASE_SECRET_KEY\) must hold/);
});

test.each([
  ['nothing', () => new HttpResponse(null, { status: 404 })],
  ['a page', page(404)],
  ['a list', () => HttpResponse.json([], { status: 404 })],
])('a 404 with %s is no result: the address is wrong', async (_, answer) => {
  server.use(http.post(RPC, answer));
  const error = await ask();
  expect(error).toMatchObject({ retry: 'never', code: 404 });
  expect(error.message).toMatch(/SUPABASE_URL/);
});

test.each([
  ['a call of two functions', pgrst('PGRST203', 300), 'PGRST203'],
  ['a malformed request', pgrst('PGRST102', 400), 'PGRST102'],
  ['a duplicate', pgrst('23505', 409), '23505'],
  ['a body that is too large', page(413), '413'],
  ['a teapot', page(418), '418'],
])('%s is a defect', async (_, answer, code) => {
  server.use(http.post(RPC, answer));
  const error = await ask();
  expect(error).not.toBeInstanceOf(RemoteFailure);
  expect(error).toMatchObject({ code });
});

test('a failure shows neither key nor prompt, nor the body of what is no refusal', async () => {
  for (const answer of [
    page(502),
    page(404),
    pgrst('PGRST102', 400),
    pgrst('22P02', 400),
    pgrst('PGRST301', 401),
    page(200),
  ]) {
    server.use(http.post(RPC, answer));
    const error = await ask();
    const shown = JSON.stringify([error, Object.entries(error), error.message, error.stack, String(error.cause)]);
    expect(shown).not.toMatch(/canary/);
  }
});

test('the key is sent both ways that the gateway reads, and nothing is asked twice', async () => {
  const calls: Request[] = [];
  server.use(
    http.post(RPC, ({ request }) => {
      calls.push(request.clone());
      return page(503)();
    }),
  );
  await ask();
  expect(calls).toHaveLength(1);
  expect(calls[0]?.headers.get('apikey')).toBe(KEY);
  expect(calls[0]?.headers.get('authorization')).toBe(`Bearer ${KEY}`);
  expect(await calls[0]?.json()).toEqual({ prompt: 'canary-prompt' });
});

test('a slow answer is given up after the timeout, an unwanted one at once; both may have taken effect', async () => {
  server.use(http.post(RPC, () => delay('infinite').then(() => new HttpResponse())));
  const hasty = aClient({ timeoutMs: 30 });
  expect(await ask(hasty)).toMatchObject({ code: 'timeout', retry: 'soon', unknownOutcome: true });
  const abort = new AbortController();
  const asked = ask(rpc, { signal: abort.signal });
  abort.abort(new TypeError('any reason'));
  expect(await asked).toMatchObject({ code: 'aborted', retry: 'soon', unknownOutcome: true });
});

test('an error of our own is not taken for weather', async () => {
  const broken = aClient({ fetch: () => Promise.reject(new TypeError('ours')) });
  expect(await ask(broken)).toMatchObject({ name: 'TypeError', message: 'ours' });
});
