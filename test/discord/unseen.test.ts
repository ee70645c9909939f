import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, hiddenCharacters, oddLetters, visible } from '#discord/text.ts';
import { isUnseen, unseenIn } from '../support/code-points.ts';
import { hostile } from '../support/hostile.ts';

// The short form of I04 in docs/reliability.md.

test('of every code point it is known whether it is seen, and what is not seen is taken out and counted', () => {
  // A tenth of them here, all of the places where hidden ones live; the whole range is a full test.
  for (let point = 0; point <= 0x10_ffff; point += point < 0x3000 || (point >= 0xe_0000 && point < 0xe_0200) ? 1 : 97) {
    const text = `a${String.fromCodePoint(point)}b`;
    const hidden = isUnseen(point) ? 1 : 0;
    if (hiddenCharacters(text) !== hidden)
      expect.fail(`U+${point.toString(16)} is counted ${hiddenCharacters(text)} times`);
  }
});

test('whatever is mixed, nothing unseen is left, and looking twice takes nothing more', () => {
  fc.assert(
    fc.property(hostile(20), (text) => {
      const seen = visible(text);
      expect(unseenIn(seen)).toEqual([]);
      expect(visible(seen)).toBe(seen);
      expect(hiddenCharacters(seen)).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

test('joiners and selectors stay only where they change what is seen', () => {
  for (const text of ['👨‍👩‍👧', '🏳️‍🌈', '❤️', '1️⃣', '👩🏽‍🚀', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'क्‍ष', 'می‌خواهم']) {
    expect(visible(text)).toBe(text);
  }
  for (const text of ['a\uFE0F', 'a\u200Db', '❤️\u200Da', '❤️\uFE0F', '1\uFE0F', '🏴\u{E0067}\u{E0062}', '🏳️\u{E0067}']) {
    expect(hiddenCharacters(text), JSON.stringify(text)).toBeGreaterThan(0);
  }
});

test('marks are piled no higher than scripts do it', () => {
  expect(visible(`z${'\u0301'.repeat(50)}`)).toBe(`z${'\u0301'.repeat(5)}`);
  expect(hiddenCharacters(`z${'\u0301'.repeat(50)}`)).toBe(45);
});

test('a cut tears no character, emoji or line of marks, and is as long as may be', () => {
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
  fc.assert(
    fc.property(hostile(12), fc.integer({ min: 1, max: 60 }), (text, max) => {
      const whole = visible(text);
      const piece = cut(whole, max);
      expect(piece.length).toBeLessThanOrEqual(max);
      expect(piece.isWellFormed()).toBe(true);
      if (piece === whole) return;
      const ends = [...graphemes.segment(whole)].map(({ index }) => index);
      expect(ends).toContain(piece.length - 1);
    }),
    { numRuns: 1000 },
  );
});

test('a branch with letters that may be taken for others says which', () => {
  expect(oddLetters('main')).toBe('');
  expect(oddLetters('m\u0430in')).toBe('\u0430 U+0430');
});
