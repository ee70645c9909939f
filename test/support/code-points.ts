/** Judged by Unicode's own properties: nothing to see, or nothing that is assigned (emoji to come excepted). */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const UNASSIGNED = /(?!\p{Extended_Pictographic})\p{Cn}/u;
/** Blank, though counted as a symbol. */
const BLANK = new Set([0x2800, 0x1d159]);
/** These end a line, which is seen; a lone surrogate becomes U+FFFD, which is seen too. */
const LINE_ENDS = new Set([0x0a, 0x0b, 0x0c, 0x0d, 0x85, 0x2028, 0x2029]);

export function isUnseen(point: number): boolean {
  if (LINE_ENDS.has(point) || point === 0x09 || (point >= 0xd800 && point <= 0xdfff)) return false;
  const one = String.fromCodePoint(point);
  return BLANK.has(point) || UNSEEN.test(one) || UNASSIGNED.test(one);
}

const JOINING = /[\u200C\u200D]|\uFE0F|[\u{E0061}-\u{E007F}]/u;

/** Hidden characters in a text, beside those that may be needed: joiners, the emoji selector, tags of flags. */
export const unseenIn = (text: string): string[] =>
  [...text]
    .filter((one) => isUnseen(one.codePointAt(0) ?? 0) && !JOINING.test(one))
    .map((one) => one.codePointAt(0)?.toString(16) ?? '');
