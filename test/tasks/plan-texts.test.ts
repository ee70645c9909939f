import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cardSaysSo, hasDeed, hashesDiffer, longPlan, shortPlan, silentCuts } from '../support/plan-texts.ts';

describe('I05: what an approver can read is what runs', () => {
  test('a long plan stands whole in its file, wherever its worst step is, and its card says that it shows a part', () => {
    fc.assert(
      fc.property(longPlan(60_000), ({ steps, at }) => {
        expect(silentCuts(steps)).toEqual([]);
        expect(cardSaysSo(steps)).toBe(true);
        expect(hasDeed(steps)).toBe(true);
        expect(hashesDiffer(steps, at)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('a short plan stands whole in its notes or has a file as well', () => {
    fc.assert(
      fc.property(shortPlan, ({ steps }) => {
        expect(silentCuts(steps)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('a plan of a million steps does not fill the thread: the rest of it is in the file', () => {
    const steps = Array.from({ length: 50_000 }, (_, at) => ({ title: `Move module ${at}`, description: null }));
    expect(silentCuts(steps)).toEqual([]);
  });
});
