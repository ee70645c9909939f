import { countSecrets, scrub } from '#kernel/scrub.ts';
import { fence, inCode, literal, tame, withoutMentions } from './tame.ts';
import { withoutUnseen } from './unseen.ts';

/**
 * Everything people or Jules wrote passes here before it leaves. `allowed_mentions` is what stops pings; this is about
 * what is seen: nothing hidden, no secret, nothing that pretends to be a mention, a link or a block's end.
 */

const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
const SPACES = /\p{Zs}/gu;
const withLines = (text: string) => text.toWellFormed().replace(LINE_ENDS, '\n').replace(SPACES, ' ');
const sizeOf = (text: string) => [...text].length;

/** How many characters of a text nobody would see. */
export function hiddenCharacters(text: string): number {
  const whole = withLines(text);
  return sizeOf(whole) - sizeOf(withoutUnseen(whole));
}

/** How many values of a text look like secrets, and so are masked wherever it is shown. */
export function hiddenSecrets(text: string): number {
  return countSecrets(withoutUnseen(withLines(text)));
}

/** The text as people may see it: without hidden characters, with secrets masked. Cut it after this, never before. */
export function visible(text: string): string {
  return scrub(withoutUnseen(withLines(text)));
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const MARK = '…';
/** Longer than any emoji. */
const PILE = 64;

/** Not longer than `max` UTF-16 units (Discord counts fewer), never within what reads as one character, `…` at the cut. */
export function cut(text: string, max: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= max) return whole;
  const room = max - MARK.length;
  if (room < 0) return '';
  let end = graphemes.segment(whole.slice(0, room + 2)).containing(room)?.index ?? room;
  // A single "character" may be made as long as one likes by piling up marks; that one is cut between code points.
  if (room - end > PILE) end = /[\uDC00-\uDFFF]/.test(whole[room] ?? '') ? room - 1 : room;
  return whole.slice(0, end).replace(/\u200D$/, '') + MARK;
}

/** What our own writers leave in a text that may not be torn: an escaped mark, a block, code, a mention or link. */
const WHOLE = /\\.|`{3}.*?`{3}|`[^`\n]+`|<[^<>\n]+>/gs;
const BLOCK_END = '\n```';

const EMPHASIS = /(?<![\w*_~])(\*\*|__|~~|\*|_)(?![\s*_~])(?:(?!\1).){1,400}?(?<!\s)\1(?![\w*_~])/g;
/** What stands in code, and escaped marks, begin and end no emphasis. */
const veiled = (text: string) => text.replace(WHOLE, (part) => '.'.repeat(part.length));

/** The emphasis of `text` that is still open where its `short` form was cut. */
function openIn(text: string, short: string) {
  const end = short.length - MARK.length;
  const found = [...veiled(text).matchAll(EMPHASIS)].find(
    ({ 0: span, index }) => index < end && index + span.length > end,
  );
  return found && { index: found.index, mark: found[1] ?? '' };
}

/**
 * A finished text, ours with foreign ones in it, shortened: half of a code span would be markdown, half of a mention an
 * odd word. A block and emphasis are closed where they are cut, anything else is left out.
 */
export function cutWritten(text: string, max: number): string {
  const short = cutWhole(text, max);
  const open = short.endsWith(MARK) && short !== text ? openIn(text, short) : undefined;
  if (!open) return short;
  const shorter = cutWhole(text, max - open.mark.length);
  const isEmpty = shorter.length - MARK.length <= open.index + open.mark.length;
  return isEmpty ? `${text.slice(0, open.index)}${MARK}` : `${shorter}${open.mark}`;
}

function cutWhole(text: string, max: number): string {
  if (text.length <= max) return text;
  const torn = [...text.matchAll(WHOLE)].find(({ 0: part, index }) => index + part.length > max - MARK.length);
  if (torn === undefined || torn.index >= max - MARK.length) return cut(text, max);
  const before = text.slice(0, torn.index);
  const room = max - BLOCK_END.length;
  if (!torn[0].startsWith('```') || room < before.length + 8) return cut(`${before}${MARK}`, max);
  return `${before}${cut(torn[0].slice(0, -3).trimEnd(), room - before.length)}${BLOCK_END}`;
}

/** Shortens until the written form fits, since making a text harmless makes it longer. */
function fitted(text: string, max: number, write: (text: string) => string): string {
  let rest = cut(text, max);
  let written = write(rest);
  while (written.length > max && rest !== '') {
    rest = cut(rest, rest.length - Math.max(1, Math.ceil((written.length - max) / 3)));
    written = write(rest);
  }
  return written;
}

const oneLine = (text: string) => visible(text).replace(/\s+/g, ' ').trim();

/** Foreign text inside our own sentence: on one line, every mark of Discord's markdown literal. */
export function inline(text: string, max: number): string {
  return fitted(oneLine(text), max, literal);
}

/** Foreign text where Discord reads no markdown: the name of a thread, a choice, a label. */
export function plain(text: string, max: number): string {
  return fitted(oneLine(text), max, withoutMentions);
}

/** Names of things (a repository, a branch) between backticks. */
export function code(text: string, max = 250): string {
  return fitted(oneLine(text), max, inCode);
}

/** Foreign text as it was written, in a block that it cannot end: no two backticks are left side by side in it. */
export function codeBlock(text: string, max: number): string {
  return fitted(visible(text), max, fence);
}

/** Foreign text as a quotation, each line marked, so that none of it reads as ours. */
export function quoteBlock(text: string, max: number): string {
  const quoted = (inner: string) =>
    inner
      .split('\n')
      .map((line) => `> ${literal(line)}`)
      .join('\n');
  return fitted(
    visible(text)
      .trim()
      .replace(/\n{3,}/g, '\n\n'),
    max,
    quoted,
  );
}

/** What Jules writes is markdown and stays so, as far as it harms nobody. */
export function markdown(text: string, max: number): string {
  return fitted(visible(text).trim(), max, tame);
}

const letterOf = (one: string) => `${one} U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Letters of a branch beyond ASCII, which may be taken for others (`mаin` with U+0430); empty for nearly all. */
export function oddLetters(name: string): string {
  return [...new Set(oneLine(name).match(/[^\x20-\x7E]/gu) ?? [])].slice(0, 3).map(letterOf).join(', ');
}
