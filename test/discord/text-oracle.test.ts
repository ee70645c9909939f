import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { code, codeBlock, inline, markdown, quoteBlock, visible } from '#discord/text.ts';
import { hostile } from '../support/hostile.ts';
import { nodesOf, outerKinds, shownBy, wrongsOf } from '../support/markdown-oracle.ts';

// The short form of I02 in docs/reliability.md.

const RUNS = { numRuns: 250 };
const MOST = 100_000;
const kindsOf = (text: string) => new Set(nodesOf(text).map(({ type }) => type));
const only = (text: string, ...kinds: string[]) => [...kindsOf(text)].filter((kind) => !kinds.includes(kind));
const oneLine = (text: string) => visible(text).replace(/\s+/g, ' ').trim();

describe('the oracle', () => {
  it('sees what a stranger may do where nothing is done against it', () => {
    for (const bad of [
      '@everyone',
      '@here',
      '<@1300000000000009999>',
      '<@&1300000000000009999>',
      '<#1300000000000009999>',
      'https://evil.example',
      '<https://evil.example>',
      '[a](https://evil.example)',
      '||x||',
      '<t:1:R>',
      '</cmd:1300000000000009999>',
      '<:e_:1300000000000009999>',
      'discord.gg/abc',
      'https://github.com@evil.example/',
    ]) {
      expect(wrongsOf(bad), bad).not.toEqual([]);
    }
    expect(wrongsOf('`@everyone` `https://evil.example` https://github.com/a/b')).toEqual([]);
  });
});

describe('what a client makes of a stranger’s words', () => {
  it('in our line is exactly those words, and links only to known hosts', () => {
    fc.assert(
      fc.property(hostile(10), (text) => {
        const written = inline(text, MOST);
        expect(wrongsOf(written)).toEqual([]);
        expect(only(written, 'text', 'twemoji', 'autolink', 'inlineCode')).toEqual([]);
        expect(shownBy(written)).toBe(oneLine(text));
      }),
      RUNS,
    );
  });

  it('in a name is one piece of code', () => {
    fc.assert(
      fc.property(hostile(10), (text) => {
        expect(outerKinds(code(text))).toEqual(['inlineCode']);
      }),
      RUNS,
    );
  });

  it('in a block is one block', () => {
    fc.assert(
      fc.property(hostile(20), fc.integer({ min: 9, max: 200 }), (text, max) => {
        expect(outerKinds(codeBlock(text, max))).toEqual(['codeBlock']);
      }),
      RUNS,
    );
  });

  it('in a quotation is one quotation of exactly those words', () => {
    fc.assert(
      fc.property(hostile(14), (text) => {
        const written = quoteBlock(text, MOST);
        expect(wrongsOf(written)).toEqual([]);
        expect(new Set(outerKinds(written))).toEqual(new Set(['blockQuote']));
        expect(only(written, 'text', 'twemoji', 'autolink', 'inlineCode', 'blockQuote', 'br', 'newline')).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe('what a client makes of Jules’s markdown', () => {
  it('names nobody, links nowhere else and hides nothing, also behind another text of it and where it is cut', () => {
    fc.assert(
      fc.property(hostile(20), hostile(20), fc.integer({ min: 20, max: 300 }), (one, other, max) => {
        expect(wrongsOf(`${markdown(one, max)}\n${markdown(other, MOST)}`)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('is emphasis, code and lists where they are whole', () => {
    const kept = 'Use **bold `co_de` now**, _soft_ and `a*b`.\n\n- one\n- two\n\n```sh\nnpm test\n```';
    expect(markdown(kept, MOST)).toBe(kept);
    expect(markdown('* one\n* two', MOST)).toBe('- one\n- two');
    expect([...kindsOf(markdown(kept, MOST))]).toEqual(
      expect.arrayContaining(['strong', 'em', 'inlineCode', 'codeBlock']),
    );
  });

  it('never lets emphasis reach into code', () => {
    expect(wrongsOf(markdown('**a `b** @everyone `', MOST))).toEqual([]);
    expect(wrongsOf(markdown('**a `b** @everyone` c**', MOST))).toEqual([]);
    expect(wrongsOf(markdown('_a\n```\nb_ @everyone\n```', MOST))).toEqual([]);
  });

  it('never runs two pieces of code together, nor an address with what follows it', () => {
    expect(wrongsOf(markdown('https://evil.example/`</cmd:1300000000000009999>`', MOST))).toEqual([]);
    expect(wrongsOf(markdown('`x``https://evil.example` @here `', MOST))).toEqual([]);
    expect(outerKinds(markdown('https://evil.example/`a`', MOST))).toEqual(['inlineCode', 'text', 'inlineCode']);
  });

  it('links to known hosts, where the address ends', () => {
    expect(markdown('See https://github.com/acme/site/pull/7.', MOST)).toBe(
      'See <https://github.com/acme/site/pull/7>.',
    );
    expect(markdown('See [it](https://github.com@evil.example/x)', MOST)).toBe(
      'See \\[it](`https://github.com@evil.example/x`)',
    );
  });
});
