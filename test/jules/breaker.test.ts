import { expect, test } from 'vitest';
import { type BreakerOptions, keyBreakers } from '#jules/breaker.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { failureOf } from './support.ts';

const OPEN_MS = 60;
const down = (code: string | number = 503) =>
  new RemoteFailure('Jules is down', { service: 'jules', code, retry: 'soon', unknownOutcome: true });
const up = async () => 'an answer';

function stage(options: Partial<BreakerOptions> = {}) {
  const told: string[] = [];
  let calls = 0;
  const breakers = keyBreakers({
    openMs: OPEN_MS,
    onOpen: (key) => told.push(`open ${key}`),
    onClose: (key) => told.push(`closed ${key}`),
    ...options,
  });
  const fail = (key: string, error: Error = down()) =>
    failureOf(
      breakers.run(key, async () => {
        calls += 1;
        throw error;
      }),
    );
  const failOften = async (key: string, times: number, error?: Error) => {
    for (let time = 0; time < times; time += 1) await fail(key, error);
  };
  return { breakers, told, fail, failOften, calls: () => calls };
}

const passed = async (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until) await new Promise((resume) => setTimeout(resume, 5));
};

test('five failures in a row of a key leave it alone, and those of other keys go on', async () => {
  const { breakers, fail, failOften, told, calls } = stage({ openMs: 60_000 });
  await failOften('a', 4);
  expect(await breakers.run('a', up)).toBe('an answer');
  await failOften('a', 5);
  expect(told).toEqual(['open a']);
  const asked = calls();
  expect(await fail('a')).toMatchObject({ code: 'open', retry: { afterMs: 60_000 }, uncounted: true });
  expect(calls()).toBe(asked);
  expect(await breakers.run('b', up)).toBe('an answer');
});

test('a create while it is open has certainly made nothing', async () => {
  const { fail, failOften } = stage({ openMs: 60_000 });
  expect(await fail('a')).toMatchObject({ unknownOutcome: true });
  await failOften('a', 4);
  expect(await fail('a')).toMatchObject({ code: 'open', unknownOutcome: false });
});

test('one call is let through after its time, and closes it or opens it again', async () => {
  const { breakers, fail, failOften, told, calls } = stage();
  await failOften('a', 5);
  for (let round = 0; round < 3; round += 1) {
    await passed(OPEN_MS + 5);
    const before = calls();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => fail('a')));
    expect(calls()).toBe(before + 1);
    expect(outcomes.filter(({ code }) => code === 'open')).toHaveLength(19);
  }
  await passed(OPEN_MS + 5);
  expect(await breakers.run('a', up)).toBe('an answer');
  expect(told.at(-1)).toBe('closed a');
  await failOften('a', 4);
  expect(await breakers.run('a', up)).toBe('an answer');
});

test.each([401, 403, 404, 429, 400, 'no_key', 'aborted', 'busy', 'bad_name'])(
  'what does not say that Jules is down (%s) never opens it',
  async (code) => {
    const { breakers, failOften, told } = stage();
    await failOften('a', 20, down(code));
    expect(told).toEqual([]);
    expect(await breakers.run('a', up)).toBe('an answer');
  },
);

test.each(['timeout', 'network', 408, 500, 503])('an outage (%s) opens it', async (code) => {
  const { failOften, told } = stage({ openMs: 60_000 });
  await failOften('a', 5, down(code));
  expect(told).toEqual(['open a']);
});
