import { splitAddresses } from './links.ts';

/** Everything that Discord takes for a mark, wherever it stands, and what only means something at a line's beginning. */
const MARKS = /[\\*_~|`<[\]]/g;
const LINE_MARKS = /^(\s*)(?:([>#+-])|(\d+)([.)]))/;
const MENTION = /@(?=everyone|here|[!&]?\d)/gi;

/** Looks the same, and is no mention any more. */
export const withoutMentions = (text: string) => text.replace(MENTION, '@\u200B');

const escapedLine = (line: string) =>
  line.replace(LINE_MARKS, (_found, space: string, sign?: string, number?: string, dot?: string) =>
    sign ? `${space}\\${sign}` : `${space}${number}\\${dot}`,
  );

/** One line of somebody's words with every mark taken literally, and only known addresses as links. */
export function literal(line: string): string {
  const written = splitAddresses(line).map((piece) =>
    piece.kind === 'address' ? piece.written : withoutMentions(piece.written.replace(MARKS, '\\$&')),
  );
  return escapedLine(written.join(''));
}

/** A run of three would end a block. */
const apart = (inner: string) => inner.replace(/`{2,}/g, (run) => [...run].join('\u200B'));

const EMPTY = '∅';

export function fence(inner: string, language = ''): string {
  return `\`\`\`${language}\n${inner.trim() === '' ? EMPTY : apart(inner)}\n\`\`\``;
}

export const inCode = (inner: string) => `\`${inner.trim() === '' ? EMPTY : inner.replaceAll('`', 'ˋ')}\``;

/**
 * What is finished is set aside while the rest is worked on; `visible` leaves no private characters in a text, so these
 * two can only be ours.
 */
class Shelf {
  readonly #things: string[] = [];

  keep(written: string): string {
    return `\uE000${this.#things.push(written) - 1}\uE001`;
  }

  /** Two pieces of code side by side would be one with two backticks in it. */
  see(text: string): string {
    return text
      .replaceAll('\uE001\uE000', '\uE001\u200B\uE000')
      .replace(/\uE000(\d+)\uE001/g, (_found, at: string) => this.see(this.#things[Number(at)] ?? ''));
  }
}

const FENCE = /`{3,}([^`]*(?:`{1,2}(?!`)[^`]*)*)(?:`{3,}|$)/g;
const LANGUAGE = /^[\w+.#-]{1,20}(?=[ \t]*\n)/;

/** A block stands on lines of its own; one that is not closed, or was cut, is closed. */
function keepFences(text: string, shelf: Shelf): string {
  return text
    .replace(FENCE, (_found, inner: string) => {
      const language = LANGUAGE.exec(inner)?.[0] ?? '';
      const body = inner.slice(language.length).replace(/^[ \t]*\n/, '');
      return `\n${shelf.keep(fence(body.trimEnd(), language))}\n`;
    })
    .replace(/\n{2}(?=\uE000)/g, '\n')
    .replace(/(?<=\uE001)\n{2}/g, '\n')
    .replace(/^\n(?=\uE000)|(?<=\uE001)\n$/g, '');
}

const CODE = /(?<!\\)(`{1,2})([^`\n]+)\1(?!`)/g;
const keepCode = (text: string, shelf: Shelf) =>
  text.replace(CODE, (_found, _ticks, inner: string) => shelf.keep(inCode(inner.trim())));

const keepAddresses = (text: string, shelf: Shelf) =>
  splitAddresses(text)
    .map(({ kind, written }) => (kind === 'address' ? shelf.keep(written) : written))
    .join('');

const ESCAPABLE = /\\[^\w\s\uE000\uE001]|[\\*_~|`<[]/g;
const escapedMarks = (text: string) =>
  withoutMentions(text.replace(ESCAPABLE, (found) => (found.length === 2 ? found : `\\${found}`)));

const EMPHASIS = /(?<![\w*_~\\])(\*\*|__|~~|\*|_)(?![\s*_~])([^*_~|\\`\n]{1,300})(?<!\s)\1(?![\w*_~])/g;

/** Emphasis stays where it begins and ends in one line, with nothing in it that could end it before. */
const keepEmphasis = (text: string, shelf: Shelf) =>
  text.replace(EMPHASIS, (found, mark: string, inner: string) =>
    shelf.see(inner).includes(mark.charAt(0)) ? found : shelf.keep(`${mark}${escapedMarks(inner)}${mark}`),
  );

const withLists = (text: string) => text.replace(/^([ \t]*)[*+] /gm, '$1- ').replace(/^([ \t]*)>>>/gm, '$1\\>>>');

/**
 * Markdown that Jules wrote, with its headings, lists, emphasis and code, and without mentions, masked links, spoilers
 * and foreign links. Whatever is not surely whole is taken literally: so all of Discord's clients read it alike, no
 * emphasis reaches into code or beyond the text, and texts may stand behind one another.
 */
export function tame(text: string): string {
  const shelf = new Shelf();
  const kept = [keepFences, keepCode, keepAddresses].reduce((rest, keep) => keep(rest, shelf), text);
  return shelf.see(escapedMarks(keepEmphasis(withLists(kept), shelf)));
}
