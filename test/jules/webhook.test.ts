import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAuthentic, readReport } from '#jules/webhook.ts';
import { Refusal } from '#kernel/errors.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const [OLD, NEW] = ['an old secret of the webhook', 'a new secret of the webhook'];
const TASK = '4541186d-6f71-47a0-8a05-c78a59f3de6e';

const report = (facts: object = {}) =>
  Buffer.from(JSON.stringify({ id: 'r1', at: NOW.toISOString(), task_id: TASK, ...facts }));
const sign = (body: Buffer, secret: string) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
const codeOf = (body: Buffer, now = NOW) => {
  try {
    readReport(body, now);
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
  return 'read';
};

describe('who sent it', () => {
  test('both secrets are good while one is exchanged for the other, as signature and as bearer', () => {
    const body = report();
    for (const secret of [OLD, NEW]) {
      expect(isAuthentic({ body, signature: sign(body, secret), authorization: undefined }, [NEW, OLD])).toBe(true);
      expect(isAuthentic({ body, signature: undefined, authorization: `Bearer ${secret}` }, [NEW, OLD])).toBe(true);
    }
    expect(isAuthentic({ body, signature: sign(body, OLD), authorization: undefined }, [NEW])).toBe(false);
  });

  test('no secret in force lets nobody in', () => {
    const body = report();
    expect(isAuthentic({ body, signature: sign(body, ''), authorization: 'Bearer ' }, [])).toBe(false);
  });

  test('a wrong signature is not mended by a right bearer, and nothing that was changed passes', () => {
    const body = report();
    expect(isAuthentic({ body, signature: 'sha256=00', authorization: `Bearer ${NEW}` }, [NEW])).toBe(false);
    const good = sign(body, NEW);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: body.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(body);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(isAuthentic({ body: changed, signature: good, authorization: undefined }, [NEW, OLD])).toBe(false);
      }),
      { numRuns: 500 },
    );
    for (const signature of [
      '',
      'sha256=',
      good.slice(0, -1),
      `${good}0`,
      good.toUpperCase(),
      good.slice(7),
      `sha1=${good.slice(7)}`,
    ]) {
      expect(isAuthentic({ body, signature, authorization: undefined }, [NEW])).toBe(false);
    }
  });
});

describe('what it says', () => {
  test('the least and the most are read', () => {
    expect(readReport(report(), NOW)).toMatchObject({ id: 'r1', task_id: TASK });
    const most = {
      session: 'sessions/17753085909492805070',
      state: 'COMPLETED',
      pr_url: 'https://github.com/o/r/pull/1',
      summary: 'x',
      extra: 1,
    };
    expect(readReport(report(most), NOW)).toMatchObject({ session: 'sessions/17753085909492805070' });
  });

  test('a report is fresh for five minutes both ways, to the millisecond', () => {
    const at = (ms: number) => codeOf(report({ at: new Date(NOW.getTime() + ms).toISOString() }));
    expect([at(-300_000), at(300_000), at(-300_001), at(300_001)]).toEqual([
      'read',
      'read',
      'stale_report',
      'stale_report',
    ]);
    expect(codeOf(report({ at: '2026-11-20T13:00:00+01:00' }))).toBe('read');
  });

  test.each([
    ['no task', { task_id: undefined }],
    ['no id', { id: '' }],
    ['a task that is no uuid', { task_id: '1' }],
    ['a session with a path', { session: 'sessions/../x' }],
    ['a time without a zone', { at: '2026-11-20T12:00:00' }],
    ['a link that is none', { pr_url: 'not a link' }],
    ['a summary without end', { summary: 'x'.repeat(4001) }],
  ])('%s is refused with a sentence that names it', (_what, facts) => {
    expect(codeOf(report(facts))).toBe('bad_report');
  });

  test.each(['', '[]', 'null', '{"a":', '"x"', '\u0000', `${'['.repeat(100_000)}`])(
    'a body that is no report is refused: %s',
    (text) => {
      expect(codeOf(Buffer.from(text))).toBe('bad_report');
    },
  );
});
