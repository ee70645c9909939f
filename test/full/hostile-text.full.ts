import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { check, type Diagnostics } from 'recheck';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { code, codeBlock, cut, hiddenCharacters, inline, markdown, quoteBlock, visible } from '#discord/text.ts';
import { Refusal } from '#kernel/errors.ts';
import { pullRequestUrl } from '#kernel/pull-request.ts';
import { requestTask } from '#tasks/request-task.ts';
import { isUnseen, unseenIn } from '../support/code-points.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { recordFigure } from '../support/figures.ts';
import { hostile } from '../support/hostile.ts';
import { wrongsOfLeaving } from '../support/leaving-oracle.ts';
import { logged, logWish } from '../support/log-lines.ts';
import { nodesOf, outerKinds, wrongsOf } from '../support/markdown-oracle.ts';
import { HOSTILE_PROMPTS } from '../support/prompts.ts';
import { isOwn, pullUrl, REPO } from '../support/pull-urls.ts';
import { builtAtImport, slowestMs } from '../support/regex-speed.ts';
import { regexesUnder } from '../support/regexes.ts';
import { TEMPLATES } from '../support/surfaces.ts';
import { aRequester, aServer } from '../support/tasks.ts';

const MANY = 100_000;
const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const HOUR_MS = 3_600_000;
const thousands = (number: number) => number.toLocaleString('en-US');

test(
  'I01: no text of a stranger pings anybody, links elsewhere or hides something, in any template',
  async () => {
    const texts = fc.sample(hostile(3), MANY);
    let bodies = 0;
    for (const [name, template] of TEMPLATES) {
      let said = 0;
      const say = () => texts[said++] ?? '';
      while (said < MANY) {
        const before = said;
        const wrongs = wrongsOfLeaving(await template(say));
        expect(wrongs, `${name}, from text ${before}: ${JSON.stringify(texts.slice(before, said))}`).toEqual([]);
        bodies += 1;
        // A template without a stranger's words has one form.
        if (said === before) break;
      }
    }
    await recordFigure(
      'I01',
      `${thousands(MANY)} strings × ${TEMPLATES.size} templates (${thousands(bodies)} bodies): 0 pings, 0 links to foreign hosts`,
    );
  },
  HOUR_MS,
);

const INLINE_KINDS = new Set(['text', 'twemoji', 'autolink', 'inlineCode']);

test(
  'I02: text of a stranger stays text, whichever writer wrote it',
  async () => {
    fc.assert(
      fc.property(hostile(12), fc.integer({ min: 20, max: 400 }), (text, max) => {
        expect(wrongsOf(inline(text, max))).toEqual([]);
        expect(nodesOf(inline(text, max)).filter(({ type }) => !INLINE_KINDS.has(type))).toEqual([]);
        expect(outerKinds(code(text, max))).toEqual(['inlineCode']);
        expect(outerKinds(codeBlock(text, max))).toEqual(['codeBlock']);
        expect(wrongsOf(quoteBlock(text, max))).toEqual([]);
        expect(wrongsOf(`${markdown(text, max)}\n${markdown(text, max)}`)).toEqual([]);
      }),
      { numRuns: MANY },
    );
    await recordFigure('I02', `${thousands(MANY)} strings × 5 writers: 0 foreign links, 0 ways out of a block`);
  },
  HOUR_MS,
);

test('I03: only a pull request of the repository itself is one', async () => {
  let own = 0;
  fc.assert(
    fc.property(pullUrl, (address) => {
      const found = pullRequestUrl(address, REPO);
      own += found === undefined ? 0 : 1;
      expect(found !== undefined).toBe(isOwn(address));
    }),
    { numRuns: MANY },
  );
  expect(own).toBeGreaterThan(0);
  await recordFigure(
    'I03',
    `${thousands(MANY)} addresses, ${thousands(own)} of them true: 0 foreign ones taken, 0 true ones refused`,
  );
});

test('I04: of every code point it is known whether it is seen', async () => {
  const wrong: string[] = [];
  let hidden = 0;
  for (let point = 0; point <= 0x10_ffff; point += 1) {
    const expected = isUnseen(point) ? 1 : 0;
    hidden += expected;
    const text = `a${String.fromCodePoint(point)}b`;
    if (hiddenCharacters(text) !== expected || unseenIn(visible(text)).length > 0) wrong.push(point.toString(16));
  }
  expect(wrong).toEqual([]);
  const mixes = MANY / 2;
  fc.assert(
    fc.property(hostile(20), (text) => {
      const seen = visible(text);
      expect(unseenIn(seen)).toEqual([]);
      expect(visible(seen)).toBe(seen);
    }),
    { numRuns: mixes },
  );
  await recordFigure(
    'I04',
    `all 1,114,112 code points, ${thousands(hidden)} of them hidden, each counted; ${thousands(mixes)} mixes: 0 hidden left`,
  );
});

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await aServer(db);
});
afterAll(() => db.close());

test('I06: a prompt is stored as it is sent, or refused with a sentence', async () => {
  for (const { what, prompt, expected } of HOSTILE_PROMPTS) {
    const wish = { requestKey: crypto.randomUUID(), prompt };
    const asked = await requestTask(db.rpc, aRequester(), wish).catch((error: unknown) => error);
    if (asked instanceof Refusal) expect(asked.code, what).toBe(expected);
    else expect(asked, what).toMatchObject({ kind: 'requested', task: { prompt: expected } });
  }
  const random = 2000;
  await fc.assert(
    fc.asyncProperty(hostile(30), async (prompt) => {
      const wish = { requestKey: crypto.randomUUID(), prompt };
      const asked = await requestTask(db.rpc, aRequester(), wish).catch((error: unknown) => error);
      expect(asked instanceof Refusal || (asked as { kind?: string }).kind === 'requested').toBe(true);
    }),
    { numRuns: random },
  );
  await recordFigure(
    'I06',
    `${HOSTILE_PROMPTS.length} edges up to 10 MB and ${thousands(random)} hostile prompts on Postgres: stored or refused with a sentence, 0 errors`,
  );
});

test('I07: a cut tears nothing and fits', async () => {
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
  fc.assert(
    fc.property(hostile(12), fc.integer({ min: 9, max: 120 }), (text, max) => {
      const whole = visible(text);
      const piece = cut(whole, max);
      expect(piece.length).toBeLessThanOrEqual(max);
      expect(piece.isWellFormed()).toBe(true);
      if (piece !== whole) expect(graphemes.segment(whole).containing(piece.length - 1)?.index).toBe(piece.length - 1);
      for (const written of [codeBlock(text, max), markdown(text, max)]) {
        expect(written.length).toBeLessThanOrEqual(max);
        expect((written.match(/```/g)?.length ?? 0) % 2).toBe(0);
      }
    }),
    { numRuns: MANY },
  );
  await recordFigure('I07', `${thousands(MANY)} cuts: 0 torn characters, 0 open blocks, 0 too long`);
});

test('I09: one line is one JSON object', async () => {
  fc.assert(
    fc.property(logWish, (wish) => {
      expect(logged(wish)).toEqual([]);
    }),
    { numRuns: MANY },
  );
  await recordFigure('I09', `${thousands(MANY)} lines: 100 % are one JSON object, 0 secrets`);
});

/** By steps of its own machine, never by time: a busy processor is no proof. */
const BY_STEPS = { attackTimeout: null, incubationTimeout: null, seedingTimeout: null, timeout: 120_000 };

test(
  'I12: no regular expression can be made slow',
  async () => {
    const found = [...(await regexesUnder(SRC)), ...(await builtAtImport(SRC))];
    // The sandbox answers nobody but the one who runs it.
    const all = found.filter(({ file }) => !file.startsWith('sandbox/'));
    const judged: (Diagnostics & { readonly file: string })[] = [];
    for (const { file, source, flags } of all) judged.push({ file, ...(await check(source, flags, BY_STEPS)) });
    const bad = judged.flatMap((one) =>
      one.status === 'vulnerable' ? [`${one.file}: ${one.source} ${one.complexity.summary}`] : [],
    );
    const open = judged.filter(({ status }) => status === 'unknown');
    const measured = all.map(({ file, source, flags }) => ({ file, source, ...slowestMs(new RegExp(source, flags)) }));
    const slow = measured.filter(({ ms }) => ms > 10);
    expect(slow).toEqual([]);
    expect(bad).toEqual([]);
    const worst = Math.max(...measured.map(({ ms }) => ms)).toFixed(1);
    await recordFigure(
      'I12',
      `${all.length} expressions: ${judged.length - open.length} judged safe by recheck, ${open.length} beyond it (properties, lookbehind); all answer 100,000 hostile characters in at most ${worst} ms`,
    );
  },
  HOUR_MS,
);
