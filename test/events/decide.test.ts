import { expect, test } from 'vitest';
import { answerToThrown, answerUnrun, settlementOf } from '#events/decide.ts';
import type { Claimed } from '#events/delivery.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { done, waitUntil } from '#kernel/handler.ts';

const claimed = (facts: Partial<Claimed> = {}): Claimed => ({
  id: '1',
  subscriber: 'a.b',
  key: 'k:1',
  fence: '1',
  attempts: 1,
  max_attempts: 12,
  backoff_ms: 1000,
  lease_ms: 8000,
  newest: '1',
  event: { id: '1', topic: 'a.b', payload: {}, correlation_id: '' },
  ...facts,
});
const failure = (facts: Partial<ConstructorParameters<typeof RemoteFailure>[1]>) =>
  new RemoteFailure('Jules did not answer.', { service: 'jules', code: 503, retry: 'soon', ...facts });
const half = { scale: 1, random: 0.5 };
const retry = { kind: 'retry', reason: 'x' } as const;

test('a failure that may pass is tried again', () => {
  expect(answerToThrown(failure({}))).toEqual({ kind: 'retry', reason: 'Jules did not answer.', uncounted: false });
});
test('a failure that names its time is tried again then, and a limit is not counted', () => {
  expect(answerToThrown(failure({ code: 429, retry: { afterMs: 7000 }, uncounted: true }))).toMatchObject({
    kind: 'retry',
    afterMs: 7000,
    uncounted: true,
  });
});
test('a failure that never passes is dead with its message', () => {
  expect(answerToThrown(failure({ retry: 'never' }))).toEqual({ kind: 'dead', reason: 'Jules did not answer.' });
});
test('a defect is tried again', () => {
  expect(answerToThrown(new TypeError('x is undefined'))).toEqual({ kind: 'retry', reason: 'x is undefined' });
  expect(answerToThrown('thrown text')).toEqual({ kind: 'retry', reason: 'thrown text' });
});

test.each([
  [1, 1000, 500],
  [2, 1000, 1000],
  [4, 1000, 4000],
  [30, 1000, 450_000],
  [3, 50, 100],
])('try %i with a backoff of %i ms waits up to twice %i ms', (attempts, backoff_ms, expected) => {
  expect(settlementOf(retry, claimed({ attempts, backoff_ms }), half)).toEqual({
    outcome: 'retry',
    facts: { error: 'x', delay_ms: expected, counted: true },
  });
});
test('backoff is scaled, a named time is not', () => {
  expect(settlementOf(retry, claimed(), { scale: 0.01, random: 0.5 })).toMatchObject({ facts: { delay_ms: 5 } });
  const named = { ...retry, afterMs: 1234.5, uncounted: true };
  expect(settlementOf(named, claimed(), { scale: 0.01, random: 0.5 })).toMatchObject({
    facts: { delay_ms: 1235, counted: false },
  });
});
test('what is done or waits says no more', () => {
  expect(settlementOf(done, claimed(), half)).toEqual({ outcome: 'done' });
  expect(settlementOf(waitUntil(new Date('2026-11-20T10:00:00Z')), claimed(), half)).toEqual({
    outcome: 'wait',
    facts: { until: '2026-11-20T10:00:00.000Z' },
  });
});
test('a stored error is short, without secrets and never empty', () => {
  const error = (reason: string) => settlementOf({ kind: 'dead', reason }, claimed(), half);
  expect(error(`key AIza${'a'.repeat(35)}`)).toEqual({ outcome: 'dead', facts: { error: 'key [redacted]' } });
  expect(error('e'.repeat(2000))).toEqual({ outcome: 'dead', facts: { error: 'e'.repeat(500) } });
  expect(error('')).toEqual({ outcome: 'dead', facts: { error: 'no reason given' } });
});
test('a delivery that crashed all its workers is not run again', () => {
  expect(answerUnrun(claimed({ attempts: 12 }))).toBeUndefined();
  expect(answerUnrun(claimed({ attempts: 13 }))).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining('12 times'),
  });
});
