import { afterEach, describe, expect, test } from 'vitest';
import { KEY, NEW, SOURCE, simulate, until } from './support.ts';

const jules = simulate();
afterEach(() => jules.control.clearFaults());

const created = () => jules.control.truth.filter(({ kind }) => kind === 'created').length;
const listed = async () => (await jules.call('GET', '/sessions?pageSize=100')).json.sessions?.length ?? 0;
const headers = { 'x-goog-api-key': KEY };
const create = (signal?: AbortSignal) =>
  fetch(`${jules.url}/sessions`, { method: 'POST', headers, body: JSON.stringify(NEW), ...(signal && { signal }) });
/** Until so many more requests were heard. */
const heard = (count: number, of = jules.requests.length) => until(() => jules.requests.length >= of + count, 'heard');

describe('refusals', () => {
  test.each([
    [{ kind: 'error_before' }, 503, 'UNAVAILABLE', 0],
    [{ kind: 'error_before', status: 500 }, 500, 'INTERNAL', 0],
    [{ kind: 'error_after' }, 500, 'INTERNAL', 1],
    [{ kind: 'error_after', status: 504 }, 504, 'DEADLINE_EXCEEDED', 1],
    [{ kind: 'precondition_before' }, 400, 'FAILED_PRECONDITION', 0],
    [{ kind: 'precondition_after' }, 400, 'FAILED_PRECONDITION', 1],
    [{ kind: 'rate_limited' }, 429, 'RESOURCE_EXHAUSTED', 0],
    [{ kind: 'not_found' }, 404, 'NOT_FOUND', 0],
    [{ kind: 'unauthorized' }, 401, 'UNAUTHENTICATED', 0],
    [{ kind: 'forbidden' }, 403, 'PERMISSION_DENIED', 0],
  ] as const)('%j answers a create with %i %s and makes %i sessions, once', async (fault, code, status, made) => {
    const before = created();
    jules.control.fault({ on: 'create', ...fault });
    const answer = await jules.call('POST', '/sessions', NEW);
    expect(answer).toMatchObject({ status: code, json: { error: { code, status } } });
    expect(created() - before).toBe(made);
    expect((await jules.call('POST', '/sessions', NEW)).status).toBe(200);
  });

  test.each([502, 200])('an HTML page comes with %i, and nothing is done', async (status) => {
    const before = created();
    jules.control.fault({ on: 'create', kind: 'html', status });
    const answer = await jules.call('POST', '/sessions', NEW);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=UTF-8']);
    expect(answer.text).toContain('<!DOCTYPE html>');
    expect(created()).toBe(before);
  });

  test('a limit says how long to wait only when told so', async () => {
    jules.control.fault({ on: 'get', kind: 'rate_limited', retryAfterS: 3 });
    jules.control.fault({ on: 'get', kind: 'rate_limited' });
    const name = await jules.create();
    expect((await jules.call('GET', `/${name}`)).headers.get('retry-after')).toBe('3');
    expect((await jules.call('GET', `/${name}`)).headers.get('retry-after')).toBeNull();
  });

  test('what is refused anyway is refused as ever, fault or not', async () => {
    jules.control.fault({ on: 'create', kind: 'error_after' });
    expect((await jules.call('POST', '/sessions', { title: 'no prompt' })).status).toBe(400);
  });
});

describe('connections', () => {
  test.each([
    ['drop_before', 0],
    ['drop_after', 1],
  ] as const)('%s ends without an answer and makes %i sessions', async (kind, made) => {
    const before = created();
    jules.control.fault({ on: 'create', kind });
    await expect(create()).rejects.toThrow();
    expect(created() - before).toBe(made);
  });

  test('reset_body answers 200 and breaks off in the middle; the session is made', async () => {
    const before = created();
    jules.control.fault({ on: 'create', kind: 'reset_body' });
    const response = await create();
    expect(response.status).toBe(200);
    let text = '';
    const whole = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    })();
    await expect(whole).rejects.toThrow();
    expect(text).toContain('"name": "sessions/');
    expect(Buffer.byteLength(text)).toBeLessThan(Number(response.headers.get('content-length')));
    expect(created() - before).toBe(1);
  });

  test('reset_body of an answer of zero bytes is no harm', async () => {
    const name = await jules.create();
    jules.control.script({ settings: { emptyReplies: true } });
    jules.control.fault({ on: 'message', kind: 'reset_body' });
    expect((await jules.call('POST', `/${name}:sendMessage`, { prompt: 'hi' })).status).toBe(200);
    jules.control.script({ settings: { emptyReplies: false } });
  });

  test('slow: not even the headers come before their time; the effect is there at once', async () => {
    const [before, seen] = [created(), jules.requests.length];
    jules.control.fault({ on: 'create', kind: 'slow', ms: 60_000 });
    let answered = false;
    const answer = create().then((response) => {
      answered = true;
      return response;
    });
    await heard(1, seen);
    jules.control.advance(59_999);
    await jules.call('GET', '/sources');
    expect([answered, created() - before]).toEqual([false, 1]);
    jules.control.advance(1);
    expect((await answer).status).toBe(200);
  });

  test('slow_body: headers and half the body come at once, the rest at its time', async () => {
    jules.control.fault({ on: 'create', kind: 'slow_body', ms: 60_000 });
    const response = await create();
    const reader = (response.body ?? new ReadableStream()).getReader();
    const half = Buffer.from((await reader.read()).value ?? '').toString();
    expect(half).toContain('"name": "sessions/');
    expect(() => JSON.parse(half)).toThrow();
    const rest = reader.read();
    jules.control.advance(60_000);
    expect(JSON.parse(half + Buffer.from((await rest).value ?? '').toString())).toMatchObject({ state: 'QUEUED' });
  });

  test('late_landing: nobody is answered, and the session is made when nobody waits any more', async () => {
    const [before, seen] = [created(), jules.requests.length];
    const stop = new AbortController();
    jules.control.fault({ on: 'create', kind: 'late_landing', ms: 60_000 });
    const answer = create(stop.signal);
    await heard(1, seen);
    expect(jules.requests.at(-1)?.status).toBe('silent');
    stop.abort();
    await expect(answer).rejects.toThrow();
    jules.control.advance(59_999);
    expect(created()).toBe(before);
    jules.control.advance(1);
    expect(created()).toBe(before + 1);
  });

  test.each([
    { kind: 'list_lag', ms: 60_000 },
    { kind: 'error_after', listLagMs: 60_000 },
  ])('with %j a new session is hidden from lists for its time, not from its name', async (fault) => {
    const before = await listed();
    jules.control.fault({ on: 'create', ...fault });
    await create();
    expect(await listed()).toBe(before);
    const { id } = jules.control.state().at(-1) ?? expect.unreachable('nothing was created');
    expect((await jules.call('GET', `/sessions/${id}`)).status).toBe(200);
    jules.control.advance(60_000);
    expect(await listed()).toBe(before + 1);
  });
});

describe('ten at once', () => {
  test.each([
    ['creates', create],
    ['reads of a source', () => fetch(`${jules.url}/${SOURCE}`, { headers })],
  ])(
    'of ten %s five do not find the source, and those under way are made; five at once are fine',
    async (_what, call) => {
      jules.control.script({ settings: { createMs: 800 } });
      const at = async (count: number) => {
        const seen = jules.requests.length;
        const calls = Array.from({ length: count }, () => call());
        await heard(count, seen);
        jules.control.advance(800);
        return (await Promise.all(calls)).map(({ status }) => status).sort();
      };
      const before = created();
      expect(await at(10)).toEqual([...Array.from({ length: 5 }, () => 200), ...Array.from({ length: 5 }, () => 404)]);
      expect(await at(5)).toEqual(Array.from({ length: 5 }, () => 200));
      jules.control.script({ settings: { createMs: 0 } });
      expect([0, 10]).toContain(created() - before);
    },
  );
});

describe('which calls a fault meets', () => {
  test('only those of its method, its account and its session, as often as it says', async () => {
    const [one, two] = [await jules.create(), await jules.create()];
    const id = one.slice('sessions/'.length);
    jules.control.fault({ on: 'get', kind: 'not_found', session: id, times: 2 });
    jules.control.fault({ on: 'sources', kind: 'html', account: 'bob' });
    const statuses = async (paths: string[]) => {
      const all: number[] = [];
      for (const path of paths) all.push((await jules.call('GET', path)).status);
      return all;
    };
    expect(await statuses([`/${two}`, '/sources', `/${one}`])).toEqual([200, 200, 404]);
    expect(jules.control.armed()).toMatchObject([
      { on: 'get', left: 1 },
      { on: 'sources', left: 1 },
    ]);
    expect(await statuses([`/${one}`, `/${one}`])).toEqual([404, 200]);
    jules.control.fault({ on: 'any', kind: 'error_before', times: 0 });
    expect(jules.control.armed().at(-1)).not.toHaveProperty('left');
    expect(await statuses([`/${two}`, '/sources', '/sessions', `/${one}/activities`])).toEqual([503, 503, 503, 503]);
    jules.control.clearFaults();
    expect([jules.control.armed(), await statuses([`/${two}`])]).toEqual([[], [200]]);
  });
});
