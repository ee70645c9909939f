import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  code,
  codeBlock,
  cut,
  cutWritten,
  hiddenCharacters,
  inline,
  markdown,
  quoteBlock,
  visible,
} from '#discord/text.ts';
import { hostileText } from '../support/task-view.ts';

// The short form of I07 in docs/reliability.md.

const sizes = fc.integer({ min: 10, max: 1200 });
const writers = { inline, code, codeBlock, quoteBlock, markdown };
const fences = (text: string) => text.match(/```/g)?.length ?? 0;

describe('every writer', () => {
  for (const [name, write] of Object.entries(writers)) {
    it(`${name} keeps to its length, leaves nothing hidden but its own marks, and tears no character`, () => {
      fc.assert(
        fc.property(hostileText(3000), sizes, (text, max) => {
          const written = write(text, max);
          expect(written.length).toBeLessThanOrEqual(max);
          expect(written.isWellFormed()).toBe(true);
          expect(hiddenCharacters(written.replaceAll('\u200B', ''))).toBe(0);
        }),
        { numRuns: 150 },
      );
    });
  }

  it('shows mentions of everyone as words that no client lights up', () => {
    for (const write of [inline, quoteBlock, markdown]) {
      expect(write('hey @everyone and @here and <@123> <@&456>', 200)).not.toMatch(/@everyone|@here|<@&?\d/);
    }
  });
});

describe('hidden characters', () => {
  it('are counted: direction marks, zero width, tags, controls, fillers', () => {
    expect(hiddenCharacters('a\u202Eb\u200Bc\u{E0041}d\0e\u3164f\u00ADg')).toBe(6);
    expect(visible('a\u202Eb\u200Bc\u{E0041}d\0e\u3164f\u00ADg')).toBe('abcdefg');
  });

  it('are not the joiners that emoji and scripts need, nor line ends and tabs', () => {
    const text = '👨‍👩‍👧‍👦 🏳️‍🌈 ❤️ می‌خواهم\n\tfin\r\n';
    expect(hiddenCharacters(text)).toBe(0);
    expect(visible(text)).toBe('👨‍👩‍👧‍👦 🏳️‍🌈 ❤️ می‌خواهم\n\tfin\n');
  });

  it('are the joiners between letters that need none', () => {
    expect(hiddenCharacters('pass\u200Dword\u200C')).toBe(2);
  });
});

describe('a cut', () => {
  it('falls between what people read as characters', () => {
    expect(cut('👨‍👩‍👧👨‍👩‍👧', 9)).toBe('👨‍👩‍👧…');
    expect(cut('ee\u0301e', 3)).toBe('e…');
  });

  it('falls within a character that was piled up to fill everything', () => {
    const piled = `e${'\u0301'.repeat(5000)}`;
    expect(cut(piled, 100)).toHaveLength(100);
  });

  it('leaves a text alone that fits', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (text) => cut(text, 200) === text));
  });
});

describe('a finished text that is cut', () => {
  it.each([
    ['so **bold text** it is', 14, 'so **bold t…**'],
    ['so **bold text** it is', 9, 'so **b…**'],
    ['so **bold text** it is', 8, 'so …'],
    ['so **bold `code` text** it is', 16, 'so **bold …**'],
    ['`**` and **bold text**', 12, '`**` and …'],
    ['`**` and **', 10, '`**` and …'],
    ['so _slanted words_', 12, 'so _slante…_'],
    ['2 \\*\\* 3 \\*\\* 4', 10, '2 \\*\\* 3 …'],
  ])('%s to %d leaves no emphasis open', (text, max, short) => {
    expect(cutWritten(text, max)).toBe(short);
  });

  it('is as short as it was to be, and its marks come in pairs', () => {
    const part = fc.constantFrom(
      '**bold one**',
      ' word ',
      '`a**b`',
      '_it_ ',
      '<@1300000000000000001>',
      '\\* ',
      '~~gone~~ ',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.integer({ min: 0, max: 90 }), (parts, max) => {
        const short = cutWritten(parts.join(' '), max);
        expect(short.length).toBeLessThanOrEqual(max);
        const marks = short.replace(/`[^`]*`|\\./g, '').match(/\*\*|~~|_/g) ?? [];
        for (const mark of ['**', '~~', '_']) expect(marks.filter((one) => one === mark).length % 2, short).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a code block', () => {
  it('is never ended by what stands in it', () => {
    fc.assert(
      fc.property(hostileText(2000), sizes, (text, max) => {
        const block = codeBlock(text, max);
        expect(fences(block)).toBe(2);
        expect(block.startsWith('```\n') && block.endsWith('\n```')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a quotation', () => {
  it('marks every line as one', () => {
    fc.assert(
      fc.property(hostileText(800), (text) =>
        quoteBlock(text, 1000)
          .split('\n')
          .every((line) => /^(> |…$)/.test(line)),
      ),
    );
  });
});

describe('foreign text in our own line', () => {
  it('can neither mask a link, nor begin a heading, nor open a fence', () => {
    expect(inline('[pay](https://evil.example/a_b)', 100)).toBe('\\[pay\\](`https://evil.example/a_b`)');
    expect(inline('# big', 100)).toBe('\\# big');
    expect(inline('```js', 100)).toBe('\\`\\`\\`js');
    expect(inline('two\n\nlines', 100)).toBe('two lines');
  });
});

describe("Jules's markdown", () => {
  it('keeps its code, loses masked links, and closes the fence that a cut opened', () => {
    expect(markdown('Run:\n```sh\nnpm test\n```', 100)).toBe('Run:\n```sh\nnpm test\n```');
    expect(markdown('see [this](https://evil.example)', 100)).toBe('see \\[this](`https://evil.example`)');
    const long = markdown(`\`\`\`js\n${'x'.repeat(500)}\n\`\`\``, 100);
    expect(long.length).toBeLessThanOrEqual(100);
    expect(long.endsWith('…\n```')).toBe(true);
  });
});
