import { http } from 'msw';
import { expect, test } from 'vitest';
import { Turns } from '#jules/turns.ts';
import { Secret } from '#kernel/secret.ts';
import { API, aClient, failureOf, KEY, NEW, signal, withServer } from './support.ts';

const server = withServer();
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('turns come in order, and those of another name need not wait', async () => {
  const turns = new Turns(1);
  const order: string[] = [];
  const take = async (name: string, what: string) => {
    const end = await turns.take(name, signal);
    order.push(what);
    return end;
  };
  const end = await take('a', 'first');
  const second = take('a', 'second');
  const third = take('a', 'third');
  await take('b', 'other');
  await settled();
  expect(order).toEqual(['first', 'other']);
  end();
  (await second)();
  (await third)();
  expect(order).toEqual(['first', 'other', 'second', 'third']);
});

test('whoever gives up while waiting takes nobody else along', async () => {
  const turns = new Turns(1);
  const [stop, late] = [new AbortController(), new AbortController()];
  const end = await turns.take('a', signal);
  const gone = turns.take('a', stop.signal);
  const served = turns.take('a', late.signal);
  const last = turns.take('a', signal);
  stop.abort(new Error('enough'));
  await expect(gone).rejects.toThrow('enough');
  end();
  late.abort();
  const endServed = await served;
  endServed();
  (await last)();
  await expect(turns.take('a', AbortSignal.abort())).rejects.toThrow();
});

test('a process that was frozen while it waited gives the call up, and is no defect', async () => {
  server.use(http.post(`${API}/sessions`, () => new Promise<never>(() => undefined)));
  const created = failureOf(aClient({ createTimeoutMs: 40 }).createSession(KEY, NEW, { signal }));
  const until = performance.now() + 60;
  while (performance.now() < until);
  expect(await created).toMatchObject({ code: 'timeout', retry: 'soon', unknownOutcome: true });
});

test('a create whose turn does not come has surely made nothing, and is tried again', async () => {
  let asked = 0;
  const answers = Promise.withResolvers<void>();
  server.use(
    http.post(`${API}/sessions`, async () => {
      asked += 1;
      await answers.promise;
      return Response.json({ name: `sessions/${asked}` });
    }),
  );
  const client = aClient({ createTimeoutMs: 1000 });
  const first = [client.createSession(KEY, NEW, { signal }), client.createSession(KEY, NEW, { signal })];
  const failed = Promise.all(first.map(failureOf));
  const facts = { code: 'busy', retry: 'soon', unknownOutcome: false, uncounted: true };
  expect(await failureOf(client.createSession(KEY, NEW, { signal }))).toMatchObject(facts);
  const stop = new AbortController();
  const stopped = failureOf(client.createSession(KEY, NEW, { signal: stop.signal }));
  stop.abort();
  expect(await stopped).toMatchObject({ code: 'aborted', unknownOutcome: false });
  expect(asked).toBe(2);
  expect(await failed).toMatchObject([{ code: 'timeout' }, { code: 'timeout' }]);
  const other = client.createSession(new Secret('jules-key-of-another-5678'), NEW, { signal });
  answers.resolve();
  expect((await other).name).toBe('sessions/3');
  expect((await client.createSession(KEY, NEW, { signal })).name).toBe('sessions/4');
});
