/**
 * Everything people or Jules wrote passes here before it leaves. `allowed_mentions` is what stops pings; this is about
 * what is seen: nothing hidden, nothing that pretends to be a mention, a link with another address or a block's end.
 */

/**
 * Characters that show nothing or reorder what is shown: controls, zero width, bidi, tags, fillers, stray selectors.
 * Joiners stay where scripts and emoji need them, the emoji selector stays behind anything that is shown.
 */
const JOINERS = String.raw`[\u200C\u200D]`;
const JOINABLE = String.raw`[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{sc=Arabic}\p{sc=Devanagari}\p{sc=Bengali}\p{sc=Malayalam}\p{sc=Sinhala}]|\uFE0F`;
const UNSEEN = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]|[\u034F\u17B4\u17B5\u180B-\u180F]|[\uFE00-\uFE0E]|[\u{E0000}-\u{E0FFF}]`;
const HIDDEN = new RegExp(`(?<!${JOINABLE})${JOINERS}|(?!${JOINERS}|[\\n\\t])(?:${UNSEEN})`, 'gu');

const withLines = (text: string) => text.toWellFormed().replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n');

/** How many characters of a text nobody would see. */
export function hiddenCharacters(text: string): number {
  return withLines(text).match(HIDDEN)?.length ?? 0;
}

/** The text as it is seen. */
export function visible(text: string): string {
  return withLines(text).replace(HIDDEN, '');
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const MARK = '…';

/** Not longer than `max` UTF-16 units (Discord counts fewer), never within what reads as one character, `…` at the cut. */
export function cut(text: string, max: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= max) return whole;
  const room = max - MARK.length;
  if (room < 0) return '';
  let end = graphemes.segment(whole).containing(room)?.index ?? room;
  // A single "character" may be made as long as one likes by piling up marks; that one is cut between code points.
  if (end === 0 || room - end > 64) end = /[\uDC00-\uDFFF]/.test(whole[room] ?? '') ? room - 1 : room;
  return whole.slice(0, end) + MARK;
}

const MENTION = /@(?=everyone|here|[!&]?\d)/g;
const URL_TOKEN = /(https?:\/\/[^\s<>()[\]*~|`\\"]+)/;
const inertMentions = (text: string) => text.replace(MENTION, '@\u200B');

/** Marks of Discord's markdown; those that only mean something at a line's beginning are left alone elsewhere. */
const MARKS = /[\\*_~|`<[\]]|^[>#-]/g;

const literal = (text: string) =>
  inertMentions(
    text
      .split(URL_TOKEN)
      .map((part, at) => (at % 2 === 1 ? part : part.replace(MARKS, '\\$&')))
      .join(''),
  );

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

/** Foreign text inside our own sentence: on one line, every mark of Discord's markdown literal. */
export function inline(text: string, max: number): string {
  return fitted(visible(text).replace(/\s+/g, ' ').trim(), max, literal);
}

/** Names of things (a repository, a branch) between backticks. */
export function code(text: string, max = 250): string {
  return `\`${cut(visible(text).replace(/\s+/g, ' ').replaceAll('`', 'ˋ'), max - 2)}\``;
}

/** Foreign text as it was written, in a block that it cannot end: no three backticks in a row are left in it. */
export function codeBlock(text: string, max: number): string {
  const apart = (inner: string) => inner.replace(/`{2,}/g, (run) => [...run].join('\u200B'));
  return fitted(visible(text), max, (inner) => `\`\`\`\n${apart(inner)}\n\`\`\``);
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

const FENCE = /^ {0,3}```/gm;
const isOpen = (text: string) => (text.match(FENCE)?.length ?? 0) % 2 === 1;

/** What Jules writes is markdown and stays so: mentions and masked links lose their effect, a fence that the cut opened is closed. */
export function markdown(text: string, max: number): string {
  const harmless = (inner: string) =>
    inertMentions(inner)
      .replace(/\]\(/g, ']\\(')
      .replace(/<(?=[#@/t:a])/g, '\\<');
  const closed = (inner: string) => (isOpen(inner) ? `${inner}\n\`\`\`` : inner);
  return fitted(visible(text).trim(), max, (inner) => closed(harmless(inner)));
}
