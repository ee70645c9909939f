import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { keyBreakers } from '#jules/breaker.ts';
import type { Fetch } from '#jules/call.ts';
import { sessionsAtJules } from '#jules/sessions.ts';
import { keyId } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import { aClient, failureOf, NEW, SESSION, signal } from './support.ts';

const KEY = keyId('00000000-0000-4000-8000-000000000001');

/** A Jules that answers when it is told to, and the keys that are stored. */
function stage({ createTimeoutMs = 20_000, openMs = 60_000 } = {}) {
  const heard: string[] = [];
  const waiting: ((status: number) => void)[] = [];
  const stored = new Map([[KEY, new Secret('jules-key-of-nobody-1234')]]);
  const fetch: Fetch = async (url, init) => {
    heard.push(`${init.method} ${new URL(url).pathname.split('/').at(-1)}`);
    const status = await new Promise<number>((resolve, reject) => {
      waiting.push(resolve);
      init.signal.addEventListener('abort', () => reject(init.signal.reason));
    });
    return Response.json({ name: `sessions/${heard.length}` }, { status }) as Awaited<ReturnType<Fetch>>;
  };
  const sessions = sessionsAtJules({
    client: aClient({ fetch, createTimeoutMs, timeoutMs: createTimeoutMs }),
    breakers: keyBreakers({ openMs }),
    open: async (key) => stored.get(key) ?? null,
    createTimeoutMs,
  });
  let may = true;
  const asked: string[] = [];
  const begin = (name = '', from = signal) => ({
    signal: from,
    account: 'one account',
    mayBegin: async () => {
      asked.push(name);
      return may;
    },
  });
  return {
    sessions,
    heard,
    asked,
    stored,
    forbid: () => {
      may = false;
    },
    create: (name?: string, from?: AbortSignal) => sessions.create(KEY, NEW, begin(name, from)),
    approve: () => sessions.approve(KEY, SESSION, begin()),
    begin,
    answer: (status = 200) => {
      for (const resolve of waiting.splice(0)) resolve(status);
    },
    until: async (calls: number) => {
      const deadline = performance.now() + 10_000;
      while (heard.length < calls) {
        if (performance.now() > deadline) throw new Error(`only ${heard.length} calls`);
        await pause(2);
      }
    },
  };
}

test('a timeout of an odd number of milliseconds keeps nobody from creating', async () => {
  const { create, until, answer } = stage({ createTimeoutMs: 20_001 });
  const made = create();
  await Promise.race([until(1), made]);
  answer();
  expect(await made).toMatchObject({ name: 'sessions/1' });
});

test('what waits for its turn is asked whether it may begin when its turn comes, and not before', async () => {
  const { create, asked, until, answer, forbid, heard } = stage();
  const all = ['a', 'b', 'c', 'd'].map((name) => create(name));
  await until(2);
  expect(asked).toEqual(['a', 'b']);
  forbid();
  answer();
  expect(await Promise.all(all)).toMatchObject([{ name: 'sessions/2' }, { name: 'sessions/2' }, null, null]);
  expect(asked).toEqual(['a', 'b', 'c', 'd']);
  expect(heard).toHaveLength(2);
});

test('a key that is removed while a creation waits for its turn is not used any more', async () => {
  const { create, until, answer, stored, heard } = stage();
  const first = [create(), create()];
  const late = failureOf(create());
  await until(2);
  stored.delete(KEY);
  answer();
  await Promise.all(first);
  expect(await late).toMatchObject({ code: 'no_key', unknownOutcome: false });
  expect(heard).toHaveLength(2);
});

test('a creation whose turn does not come has surely made nothing, and is tried again', async () => {
  const { create, begin, asked, until, heard, sessions } = stage({ createTimeoutMs: 1000 });
  const first = [create(), create()].map(failureOf);
  await until(2);
  const facts = { code: 'busy', retry: 'soon', unknownOutcome: false, uncounted: true };
  const stop = new AbortController();
  const stopped = failureOf(create('stopped', stop.signal));
  stop.abort();
  expect(await stopped).toMatchObject({ code: 'aborted', unknownOutcome: false });
  expect(await failureOf(create('late'))).toMatchObject(facts);
  expect(asked).toEqual(['', '']);
  // Another account is not kept waiting by this one.
  const other = failureOf(sessions.create(KEY, NEW, { ...begin('other'), account: 'another' }));
  await until(3);
  expect(heard).toHaveLength(3);
  expect(await Promise.all(first)).toMatchObject([{ code: 'timeout' }, { code: 'timeout' }]);
  expect(await other).toMatchObject({ code: 'timeout', unknownOutcome: true });
});

test('a process that was frozen after it asked whether it may begin does not begin', async () => {
  const { sessions, begin, heard } = stage({ createTimeoutMs: 40 });
  const mayBegin = async () => {
    const until = performance.now() + 60;
    while (performance.now() < until);
    return true;
  };
  const facts = { code: 'late', retry: 'soon', uncounted: true, unknownOutcome: false };
  expect(await failureOf(sessions.create(KEY, NEW, { ...begin(), mayBegin }))).toMatchObject(facts);
  expect(await failureOf(sessions.approve(KEY, SESSION, { ...begin(), mayBegin }))).toMatchObject(facts);
  expect(heard).toEqual([]);
});

test('no plan is approved that may not be', async () => {
  const { approve, forbid, heard, until, answer } = stage();
  const approved = approve();
  await until(1);
  answer();
  expect(await approved).toBe(true);
  forbid();
  expect(await approve()).toBe(false);
  expect(heard).toEqual([`POST ${SESSION.split('/')[1]}:approvePlan`]);
});

test('while one call looks whether Jules is back, others fail at once and are not sent after it', async () => {
  const { approve, create, until, answer, heard } = stage({ openMs: 30 });
  for (let time = 1; time <= 5; time += 1) {
    const failed = failureOf(create());
    await until(time);
    answer(503);
    await failed;
  }
  await pause(35);
  const probe = create();
  await until(6);
  const facts = { code: 'open', retry: 'soon', uncounted: true, unknownOutcome: false };
  expect(await failureOf(approve())).toMatchObject(facts);
  expect(await failureOf(create())).toMatchObject(facts);
  answer();
  expect(await probe).toMatchObject({ name: 'sessions/6' });
  expect(heard).toHaveLength(6);
});
