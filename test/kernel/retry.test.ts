import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullJitterMs, retryAfterMs } from '#kernel/retry.ts';
import { storable } from '#kernel/rpc.ts';

const NOW = new Date('2026-11-20T12:00:00Z');

test('a delay lies between nothing and the doubled base, and never above the cap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (attempt, random) => {
        const delay = fullJitterMs(attempt, 1000, 900_000, random);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(900_000, 1000 * 2 ** (attempt - 1)));
      },
    ),
  );
  expect(fullJitterMs(3, 1000, 900_000, 0.5)).toBe(2000);
});

test.each([
  ['30', 30_000],
  ['0', 0],
  ['-5', 0],
  ['86400', 3_600_000],
  ['Fri, 20 Nov 2026 12:00:10 GMT', 10_000],
  ['Fri, 20 Nov 2020 12:00:10 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After %j asks for %j ms', (header, expected) => {
  expect(retryAfterMs(header, NOW)).toBe(expected);
});

test('what is stored is well-formed and has no NUL, at any depth', () => {
  const value = { 'a\0': ['x\0y', '\ud800', { deep: 'ok\udfff' }], when: NOW, none: null, n: 1 };
  expect(storable(value)).toEqual({
    a: ['xy', '\ufffd', { deep: 'ok\ufffd' }],
    when: NOW.toISOString(),
    none: null,
    n: 1,
  });
});
