import { h } from './dom.js';
import { EMOJI, emoji } from './emoji.js';
import { parse } from './markdown-parse.js';
import { channelMention, commandMention, mention, personMention, roleMention } from './mentions.js';
import { spoiler } from './spoiler.js';
import { timestamp } from './time.js';

/** @import { Child } from './types.d.ts' */
/** @import { Node } from './markdown-rules.js' */

/**
 * Discord's Markdown as nodes of the page. Markup in the text stays text.
 * @param {string} text @returns {HTMLElement}
 */
export function markdown(text) {
  return h('div', { class: 'markdown' }, flow(parse(text)));
}

/** Text within a line, where blocks mean nothing. @param {string} text @returns {Child[]} */
export function inline(text) {
  return parse(text, { isLineStart: false, inQuote: true, depth: 0 }).flatMap(draw);
}

const BLOCKS = new Set(['block', 'heading', 'small', 'quote', 'list']);

/** Pieces of a line stand together in a box of text; a block has its own line, so the breaks next to it say nothing. @param {Node[]} nodes @returns {Child[]} */
function flow(nodes) {
  /** @type {Child[]} */
  const out = [];
  /** @type {Node[]} */
  let line = [];
  const endLine = () => {
    if (line.some((node) => node.type !== 'text' || node.text))
      out.push(h('div', { class: 'text' }, line.flatMap(draw)));
    line = [];
  };
  nodes.forEach((node, at) => {
    if (!BLOCKS.has(node.type)) {
      line.push(
        node.type === 'text' ? { ...node, text: trimmed(node.text ?? '', nodes[at - 1], nodes[at + 1]) } : node,
      );
      return;
    }
    endLine();
    out.push(...draw(node));
  });
  endLine();
  return out;
}

/** @param {string} text @param {Node | undefined} before @param {Node | undefined} after */
function trimmed(text, before, after) {
  const head = before?.type === 'block' ? text.replace(/^\n/, '') : text;
  return after && BLOCKS.has(after.type) ? head.replace(/\n$/, '') : head;
}

/** @type {Record<string, 'strong' | 'em' | 'u' | 's'>} */
const MARKS = { strong: 'strong', em: 'em', under: 'u', strike: 's' };

/** @type {Record<string, (node: Node) => Child | Child[]>} */
const DRAW = {
  text: (node) => words(node.text ?? ''),
  code: (node) => h('code', {}, node.text),
  block: (node) => codeBlock(node.language ?? '', node.text ?? ''),
  heading: (node) => h(/** @type {'h3'} */ (`h${(node.level ?? 1) + 2}`), {}, within(node)),
  small: (node) => h('div', { class: 'subtext' }, within(node)),
  quote: (node) => h('blockquote', {}, flow(node.children ?? [])),
  list: (node) =>
    h(
      node.ordered ? 'ol' : 'ul',
      { start: node.start },
      (node.items ?? []).map((item) => h('li', {}, item.flatMap(draw))),
    ),
  link: (node) => link(node.url ?? '', within(node)),
  spoiler: (node) => spoiler(within(node)),
  person: (node) => personMention(node.id ?? ''),
  role: (node) => roleMention(node.id ?? ''),
  channel: (node) => channelMention(node.id ?? ''),
  everybody: (node) => mention(`@${node.id}`),
  command: (node) => commandMention(node.id ?? ''),
  custom: (node) => `:${node.id}:`,
  time: (node) => timestamp(Number(node.id), node.style ?? 'f'),
};

/** @param {Node} node @returns {Child[]} */
function draw(node) {
  const mark = MARKS[node.type];
  const made = mark ? h(mark, {}, within(node)) : DRAW[node.type]?.(node);
  return [made].flat();
}

/** @param {Node} node */
const within = (node) => (node.children ?? []).flatMap(draw);

/** Plain text, its breaks and emoji drawn. @param {string} text @returns {Child[]} */
export function words(text) {
  /** @type {Child[]} */
  const out = [];
  text.split('\n').forEach((line, at) => {
    if (at > 0) out.push(h('br', {}));
    for (const part of line.split(new RegExp(`(${EMOJI.source})`, 'u')))
      out.push(EMOJI.test(part) ? emoji(part) : part);
  });
  return out;
}

/** @param {string} language @param {string} code */
function codeBlock(language, code) {
  const shown = /^(diff|patch)$/i.test(language) ? diffLines(code) : code;
  // Code that is wider than its box is scrolled, by keys too.
  return h('pre', { tabindex: 0 }, h('code', language ? { 'data-language': language } : {}, shown));
}

/** @type {[string, string][]} */
const DIFF_KINDS = [
  ['+++', 'file'],
  ['---', 'file'],
  ['diff ', 'file'],
  ['@@', 'hunk'],
  ['+', 'added'],
  ['-', 'removed'],
];

/** The lines of a diff, each coloured as what it is. @param {string} code @returns {Child[]} */
export function diffLines(code) {
  const lines = code.split('\n');
  return lines.map((line, at) => {
    const kind = DIFF_KINDS.find(([mark]) => line.startsWith(mark))?.[1] ?? 'same';
    return h('span', { class: kind }, at + 1 < lines.length ? `${line}\n` : line);
  });
}

/** @param {string} url @param {Child | Child[]} label */
export function link(url, label) {
  return h('a', { href: url, target: '_blank', rel: 'noreferrer noopener', title: url }, ...[label].flat());
}
