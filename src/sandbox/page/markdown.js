import { h } from './dom.js';
import { inline } from './markdown-inline.js';

/** @import { Child } from './types.d.ts' */

/**
 * Discord's Markdown as nodes: blocks here, what stands within a line in markdown-inline.js. Markup in the text stays text.
 * @param {string} text @returns {HTMLElement}
 */
export function markdown(text) {
  return h('div', { class: 'markdown' }, blocks(text));
}

/** @param {string} text @returns {Child[]} */
function blocks(text) {
  const fence = /```(?:([\w+#.-]+)\n)?([\s\S]*?)```/.exec(text);
  if (!fence) return lines(text);
  const before = text.slice(0, fence.index).replace(/\n$/, '');
  const after = text.slice(fence.index + fence[0].length).replace(/^\n/, '');
  return [...lines(before), codeBlock(fence[1] ?? '', fence[2] ?? ''), ...blocks(after)];
}

/** @param {string} language @param {string} code */
function codeBlock(language, code) {
  const body = code.replace(/^\n+|\n+$/g, '');
  const shown = language === 'diff' ? body.split('\n').map(diffLine) : body;
  return h('pre', {}, h('code', language ? { 'data-language': language } : {}, shown));
}

/** @param {string} line @param {number} at @param {string[]} all */
function diffLine(line, at, all) {
  const kind = line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'same';
  return h('span', { class: kind }, at + 1 < all.length ? `${line}\n` : line);
}

/**
 * A kind of line. Neighbouring lines of one kind are drawn together; a line of no kind is a line of text.
 * @type {{ at: RegExp, draw: (bodies: string[], heads: string[]) => Child }[]}
 */
const KINDS = [
  { at: /^(#) +(.+)$/, draw: (bodies) => bodies.map(heading('h3')).at(0) },
  { at: /^(##) +(.+)$/, draw: (bodies) => bodies.map(heading('h4')).at(0) },
  { at: /^(###) +(.+)$/, draw: (bodies) => bodies.map(heading('h5')).at(0) },
  { at: /^(-#) +(.+)$/, draw: (bodies) => h('div', { class: 'subtext' }, inline(bodies.join('\n'))) },
  { at: /^(>) (.*)$/, draw: (bodies) => h('blockquote', {}, lines(bodies.join('\n'))) },
  { at: /^(\s*[-*]) +(.+)$/, draw: (bodies, heads) => list('ul', bodies, heads) },
  { at: /^(\s*\d{1,9}\.) +(.+)$/, draw: (bodies, heads) => list('ol', bodies, heads) },
];

const HEADINGS = 3;

/** @param {'h3' | 'h4' | 'h5'} tag @returns {(body: string) => HTMLElement} */
const heading = (tag) => (body) => h(tag, {}, inline(body));

/** @param {'ul' | 'ol'} tag @param {string[]} bodies @param {string[]} heads */
function list(tag, bodies, heads) {
  const start = tag === 'ol' ? { start: Number.parseInt(heads[0] ?? '1', 10) } : {};
  const items = bodies.map((body, at) => h('li', /^\s/.test(heads[at] ?? '') ? { class: 'deeper' } : {}, inline(body)));
  return h(tag, start, items);
}

/** @param {string} line */
function kindOf(line) {
  const kind = KINDS.findIndex(({ at }) => at.test(line));
  const match = kind < 0 ? null : KINDS[kind]?.at.exec(line);
  return { kind, head: match?.[1] ?? '', body: match?.[2] ?? line };
}

/** @param {string} text @returns {Child[]} */
function lines(text) {
  if (!text) return [];
  const rest = /^>>> ([\s\S]+)$/m.exec(text);
  if (rest) return [...lines(text.slice(0, rest.index).replace(/\n$/, '')), h('blockquote', {}, lines(rest[1] ?? ''))];
  /** @type {{ kind: number, heads: string[], bodies: string[] }[]} */
  const groups = [];
  for (const line of text.split('\n')) {
    const { kind, head, body } = kindOf(line);
    const last = groups.at(-1);
    const joins = last && last.kind === kind && (kind < 0 || kind >= HEADINGS);
    if (joins) {
      last.heads.push(head);
      last.bodies.push(body);
    } else groups.push({ kind, heads: [head], bodies: [body] });
  }
  return groups.map(({ kind, heads, bodies }) => {
    const known = KINDS[kind];
    return known ? known.draw(bodies, heads) : h('div', { class: 'text' }, inline(bodies.join('\n')));
  });
}
