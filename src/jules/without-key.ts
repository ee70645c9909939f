import type { Secret } from '#kernel/secret.ts';

export const KEY_MASK = '[key]';

/** As a proxy, a trace or an error page may write what it was sent: as it is, for JSON, for a URL, in hex, in base64. */
function spellings(key: string): readonly string[] {
  const bytes = Buffer.from(key);
  // In base64 a text reads in three ways, by where it begins; its ends depend on what is around it.
  const base64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(before === 0 ? 0 : 4)
      .replace(/={1,2}$/, '')
      .slice(0, -2),
  );
  return [
    key,
    JSON.stringify(key).slice(1, -1),
    encodeURIComponent(key),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** A shorter piece of a key helps nobody, and may be a word. */
const PIECE = 8;

/** How much of the text, from `at` on, stands in one of these words in this order. */
function pieceAt(text: string, at: number, words: readonly string[]): number {
  let length = 0;
  for (const word of words) {
    while (
      at + Math.max(length + 1, PIECE) <= text.length &&
      word.includes(text.slice(at, at + Math.max(length + 1, PIECE)))
    )
      length = Math.max(length + 1, PIECE);
  }
  return length;
}

/** Takes a key out of a text that repeats it, or a piece of it, in any of its spellings. For short texts. */
export function withoutKey(text: string, key: Secret): string {
  const words = spellings(key.reveal());
  let clean = '';
  let at = 0;
  while (at < text.length) {
    const length = pieceAt(text, at, words);
    clean += length > 0 ? KEY_MASK : text[at];
    at += length || 1;
  }
  return clean;
}
