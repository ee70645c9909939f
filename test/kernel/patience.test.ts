import { expect, test } from 'vitest';
import { RemoteFailure } from '#kernel/errors.ts';
import { type Answer, done, type Handler } from '#kernel/handler.ts';
import { patient } from '#kernel/patience.ts';
import { aDelivery } from '../support/tasks.ts';

const away = new RemoteFailure('Discord is away.', { service: 'discord', code: 503, retry: 'soon' });
const limited = new RemoteFailure('Too fast.', { service: 'discord', code: 429, retry: { afterMs: 5000 } });

/** What a handler that answers or throws these, one after another, comes out as. */
async function answersOf(told: readonly (Answer | Error)[], random = () => 1) {
  const left = [...told];
  const handler = patient(async () => {
    const next = left.shift() ?? done;
    if (next instanceof Error) throw next;
    return next;
  }, random);
  const answers: Answer[] = [];
  for (const _ of told) answers.push(await handler(aDelivery('task', '1')));
  return answers;
}
const pausesOf = (answers: readonly Answer[]) => answers.map((answer) => answer.kind === 'retry' && answer.afterMs);

test('an outage uses up no tries, and its pauses grow up to a minute', async () => {
  const answers = await answersOf(Array.from({ length: 8 }, () => away));
  expect(answers.every((answer) => answer.kind === 'retry' && answer.uncounted)).toBe(true);
  expect(pausesOf(answers)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
});

test('those who are sent away together come back at different times, never too early, and none later for having been sent away before', async () => {
  expect(pausesOf(await answersOf([limited, limited], () => 0))).toEqual([5000, 5000]);
  expect(pausesOf(await answersOf([limited, limited, limited], () => 0.5))).toEqual([5500, 5500, 5500]);
});

test('pauses are short again after anything that went well', async () => {
  expect(pausesOf(await answersOf([away, away, done, away]))).toEqual([1000, 2000, false, 1000]);
});

test('the pauses of one key say nothing about another', async () => {
  const handler = patient(
    () => Promise.reject(away),
    () => 1,
  );
  for (let count = 0; count < 3; count += 1) await handler(aDelivery('task', '1'));
  expect(await handler(aDelivery('task', '2'))).toMatchObject({ afterMs: 1000 });
});

test('a counted retry keeps its own backoff', async () => {
  const retry: Answer = { kind: 'retry', reason: 'a defect' };
  expect(await answersOf([retry])).toEqual([retry]);
});

test('defects and refusals for good are thrown', async () => {
  const never = new RemoteFailure('Gone.', { service: 'discord', code: 404, retry: 'never' });
  await expect(answersOf([never])).rejects.toBe(never);
  await expect(answersOf([new TypeError('x is undefined')])).rejects.toThrow(TypeError);
});

test('what was broken off by a stop is no outage: it is thrown, so that it can be handed back', async () => {
  const stop = new AbortController();
  const stopped: Handler = async () => {
    stop.abort(new Error('The process stops.'));
    throw away;
  };
  const delivery = aDelivery('task', '1', { signal: stop.signal });
  await expect(patient(stopped)(delivery)).rejects.toThrow('The process stops.');
});
