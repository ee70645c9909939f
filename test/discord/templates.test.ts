import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { speaking } from '#discord/words/words.ts';
import { hostile } from '../support/hostile.ts';
import { wrongsOfLeaving } from '../support/leaving-oracle.ts';
import { TEMPLATES } from '../support/surfaces.ts';

// The short form of I01 in docs/reliability.md.

describe('whatever strangers wrote', () => {
  it.each([...TEMPLATES.keys()])('%s pings nobody, links nowhere foreign and hides nothing', async (name) => {
    const template = TEMPLATES.get(name);
    if (!template) throw new Error(name);
    await fc.assert(
      fc.asyncProperty(fc.array(hostile(8), { minLength: 12, maxLength: 40 }), async (texts) => {
        let at = 0;
        const say = () => texts[at++ % texts.length] ?? '';
        expect(wrongsOfLeaving(await template(say))).toEqual([]);
      }),
      { numRuns: 6 },
    );
  });

  it('does neither in German', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostile(8), { minLength: 12, maxLength: 40 }), async (texts) => {
        let at = 0;
        const say = () => texts[at++ % texts.length] ?? '';
        for (const [name, template] of TEMPLATES) {
          const left = await speaking('de', async () => template(say));
          expect(wrongsOfLeaving(left), name).toEqual([]);
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
});
