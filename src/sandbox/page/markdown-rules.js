/**
 * A piece of a message. `children` are pieces within it; leaves carry `text`, `id` or `url`.
 * @typedef {{ type: string, text?: string, children?: Node[], items?: Node[][], url?: string, id?: string, level?: number,
 *   language?: string, ordered?: boolean, start?: number, style?: string }} Node
 */
/**
 * Where a rule is tried: whether a line begins here, and what it stands within.
 * @typedef {{ isLineStart: boolean, inQuote: boolean, depth: number }} Place
 */
/** @typedef {(text: string, place?: Partial<Place>) => Node[]} Parse */
/** @typedef {{ at: RegExp, when?: (place: Place) => boolean, make: (match: RegExpExecArray, parse: Parse) => Node }} Rule */

/** @param {string} type @returns {Rule['make']} */
const around = (type) => (match, parse) => ({ type, children: parse(match[1] ?? '') });

/** @param {string} type @returns {Rule['make']} */
const named = (type) => (match) => ({ type, id: match[1] ?? '' });

/** @param {string} text @returns {Node} */
const plain = (text) => ({ type: 'text', text });

/** @param {string} url @returns {Node} */
const bare = (url) => ({ type: 'link', url, children: [plain(url)] });

/** @param {Place} place */
const startsLine = ({ isLineStart }) => isLineStart;

/** One line, or all that follows after three marks. @type {Rule['make']} */
function quote(match, parse) {
  const text = match[1] === undefined ? match[0].replace(/^ *> ?/gm, '').replace(/\n$/, '') : match[1];
  return { type: 'quote', children: parse(text, { inQuote: true, isLineStart: true }) };
}

const ITEM = /^( *)([-*]|\d{1,9}\.) +(.*)$/;

/**
 * Lines of one list. What is indented deeper than its first mark belongs to the item above it.
 * @param {string[]} lines @param {Parse} parse @returns {Node}
 */
function list(lines, parse) {
  const [, indent = '', mark = ''] = ITEM.exec(lines[0] ?? '') ?? [];
  /** @type {{ text: string, below: string[] }[]} */
  const items = [];
  for (const line of lines) {
    const [, space = '', , text = ''] = ITEM.exec(line) ?? [];
    const last = items.at(-1);
    const isDeeper = space.length > indent.length + 1 || !ITEM.test(line);
    if (isDeeper && last) last.below.push(line);
    else items.push({ text, below: [] });
  }
  const ordered = mark.length > 1;
  return {
    type: 'list',
    ordered,
    ...(ordered && { start: Number.parseInt(mark, 10) }),
    items: items.map(({ text, below }) => [...parse(text, { isLineStart: false }), ...inside(below, parse)]),
  };
}

/** @param {string[]} lines @param {Parse} parse @returns {Node[]} */
function inside(lines, parse) {
  const at = lines.findIndex((line) => ITEM.test(line));
  const texts = at < 0 ? lines : lines.slice(0, at);
  const more = texts.flatMap((line) => [plain('\n'), ...parse(line.trim(), { isLineStart: false })]);
  return at < 0 ? more : [...more, list(lines.slice(at), parse)];
}

/** @type {Rule['make']} */
const listed = (match, parse) => list(match[0].replace(/\n$/, '').split('\n'), parse);

/** Discord does not mask a link whose label pretends to be another link. @type {Rule['make']} */
function masked(match, parse) {
  const [whole, label = '', url = ''] = match;
  if (/https?:\/\/|discord\.gg\//i.test(label)) return plain(whole);
  return { type: 'link', url, children: parse(label) };
}

/**
 * Discord's rules, in the order in which they are tried where a piece begins; text is what none of them takes. Where bold,
 * italics and underline fit at one place, the longest wins.
 * @type {Rule[]}
 */
export const RULES = [
  {
    at: /^(?: *>>> ([\s\S]+)| *> [^\n]*(?:\n *> [^\n]*)*\n?)/,
    when: (place) => startsLine(place) && !place.inQuote,
    make: quote,
  },
  {
    at: /^```(?:([a-z0-9_+\-.#]+?)\n+)?\n*([\s\S]+?)\n*```/i,
    make: (match) => ({ type: 'block', language: match[1] ?? '', text: match[2] ?? '' }),
  },
  {
    at: /^(#{1,3}) +([^\n]+?)(?:\n|$)/,
    when: startsLine,
    make: (match, parse) => ({ type: 'heading', level: match[1]?.length ?? 1, children: parse(match[2] ?? '') }),
  },
  { at: /^-# +([^\n]+?)(?:\n|$)/, when: startsLine, make: around('small') },
  { at: /^ *[-*] +\S[^\n]*(?:\n(?: *[-*] +\S| {2,}\S)[^\n]*)*\n?/, when: startsLine, make: listed },
  { at: /^ *\d{1,9}\. +\S[^\n]*(?:\n(?: *\d{1,9}\. +\S| {2,}\S)[^\n]*)*\n?/, when: startsLine, make: listed },
  { at: /^¯\\_\(ツ\)_\/¯/, make: (match) => plain(match[0]) },
  { at: /^\\([^0-9A-Za-z\s])/, make: (match) => plain(match[1] ?? '') },
  { at: /^<(https?:\/\/[^\s<>]+)>/, make: (match) => bare(match[1] ?? '') },
  { at: /^https?:\/\/[^\s<]+[^<.,:;"')\]\s]/, make: (match) => bare(match[0]) },
  {
    at: /^\[((?:\[[^\][]*\]|\\.|[^\][\\])+)\]\(\s*<?(https?:\/\/(?:\([^\s()]*\)|[^\s()<>\\])+)>?(?:\s+["'][^"'\n]*["'])?\s*\)/,
    make: masked,
  },
  { at: /^<@!?(\d+)>/, make: named('person') },
  { at: /^<@&(\d+)>/, make: named('role') },
  { at: /^<#(\d+)>/, make: named('channel') },
  { at: /^@(everyone|here)/, make: named('everybody') },
  { at: /^<\/([-_'\p{L}\p{N}]{1,32}(?: [-_'\p{L}\p{N}]{1,32}){0,2}):\d+>/u, make: named('command') },
  { at: /^<a?:(\w{2,32}):\d+>/, make: named('custom') },
  {
    at: /^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/,
    make: (match) => ({ type: 'time', id: match[1] ?? '', style: match[2] ?? 'f' }),
  },
  { at: /^(`+)([\s\S]*?[^`])\1(?!`)/, make: (match) => ({ type: 'code', text: trimOnce(match[2] ?? '') }) },
  { at: /^~~([\s\S]+?)~~(?!_)/, make: around('strike') },
  { at: /^\|\|([\s\S]+?)\|\|/, make: around('spoiler') },
];

/** @type {Rule[]} */
export const EMPHASIS = [
  { at: /^_((?:__|\\[\s\S]|[^\\_])+?)_\b/, make: around('em') },
  {
    at: /^\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/,
    make: around('em'),
  },
  { at: /^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/, make: around('strong') },
  { at: /^__((?:\\[\s\S]|[^\\])+?)__(?!_)/, make: around('under') },
];

/** A space is dropped where it only keeps a backtick of the code from one around it. @param {string} code */
const trimOnce = (code) => code.replace(/^ (?= *`)|(` *) $/g, '$1');
