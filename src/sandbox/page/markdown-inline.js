import { h } from './dom.js';
import { EMOJI, emoji } from './emoji.js';
import { channelById, me, personName, roleById } from './store.js';
import { timestamp } from './time.js';

/** @import { Child } from './types.d.ts' */

/**
 * One rule: where it matches, and what it draws. The earliest match in the text wins; of two at one place, the first rule.
 * @typedef {{ at: RegExp, draw: (match: RegExpExecArray) => Child }} Rule
 */

/** @type {Rule[]} */
const RULES = [
  { at: /\\([^\w\s])/, draw: (match) => match[1] },
  { at: /(`+)([\s\S]*?[^`])\1(?!`)/, draw: (match) => h('code', {}, trimOnce(match[2] ?? '')) },
  { at: /<(https?:\/\/[^\s<>]+)>/, draw: (match) => link(match[1] ?? '', match[1] ?? '') },
  { at: /\[((?:\\.|[^\][\\])+)\]\(<?(https?:\/\/[^\s<>()]+(?:\([^\s<>()]*\))?)>?\)/, draw: masked },
  { at: /https?:\/\/[^\s<]+[^\s<.,:;"')\]*_~|]/, draw: (match) => link(match[0], match[0]) },
  { at: /<@!?(\d+)>/, draw: (match) => personMention(match[1] ?? '') },
  { at: /<@&(\d+)>/, draw: (match) => roleMention(match[1] ?? '') },
  { at: /<#(\d+)>/, draw: (match) => channelMention(match[1] ?? '') },
  { at: /<\/([^:>]+):\d+>/, draw: (match) => h('span', { class: 'mention' }, `/${match[1]}`) },
  { at: /<a?:(\w+):\d+>/, draw: (match) => `:${match[1]}:` },
  { at: /<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, draw: (match) => timestamp(Number(match[1]), match[2] ?? 'f') },
  { at: /\*\*\*(?=\S)([\s\S]+?)\*\*\*/, draw: (match) => h('strong', {}, h('em', {}, inline(match[1] ?? ''))) },
  { at: /\*\*(?=\S)([\s\S]+?)\*\*(?!\*)/, draw: (match) => h('strong', {}, inline(match[1] ?? '')) },
  { at: /__(?=\S)([\s\S]+?)__(?!_)/, draw: (match) => h('u', {}, inline(match[1] ?? '')) },
  { at: /\*(?=[^\s*])((?:\*\*|[^*])+?)\*(?!\*)/, draw: (match) => h('em', {}, inline(match[1] ?? '')) },
  { at: /(?<!\w)_(?=\S)((?:__|[^_])+?)_(?!\w)/, draw: (match) => h('em', {}, inline(match[1] ?? '')) },
  { at: /~~(?=\S)([\s\S]+?)~~(?!~)/, draw: (match) => h('s', {}, inline(match[1] ?? '')) },
  { at: /\|\|([\s\S]+?)\|\|/, draw: (match) => spoiler(inline(match[1] ?? '')) },
  { at: EMOJI, draw: (match) => emoji(match[0]) },
  { at: /\n/, draw: () => h('br', {}) },
];

/** Text within a line, as nodes. @param {string} text @returns {Child[]} */
export function inline(text) {
  /** @type {Child[]} */
  const out = [];
  let rest = text;
  while (rest) {
    const hit = earliest(rest);
    if (!hit) break;
    out.push(rest.slice(0, hit.match.index), hit.rule.draw(hit.match));
    rest = rest.slice(hit.match.index + hit.match[0].length);
  }
  return [...out, rest];
}

/** @param {string} text */
function earliest(text) {
  /** @type {{ rule: Rule, match: RegExpExecArray } | undefined} */
  let best;
  for (const rule of RULES) {
    const match = rule.at.exec(text);
    if (match && (!best || match.index < best.match.index)) best = { rule, match };
  }
  return best;
}

/** Discord drops one space on each side, so that code may begin with a backtick. @param {string} code */
const trimOnce = (code) => (/^ .*[^ ].* $/s.test(code) ? code.slice(1, -1) : code);

/** @param {string} url @param {Child | Child[]} label */
export function link(url, label) {
  return h('a', { href: url, target: '_blank', rel: 'noreferrer noopener', title: url }, ...[label].flat());
}

/** Discord does not mask a link whose label pretends to be another link. @param {RegExpExecArray} match */
function masked(match) {
  const [whole, label = '', url = ''] = match;
  if (/https?:\/\/|discord\.gg\//i.test(label)) return whole;
  return link(url, inline(label));
}

/** @param {Child[]} children */
export function spoiler(children) {
  const el = h('span', { class: 'spoiler', role: 'button', tabindex: 0, 'aria-label': 'Spoiler' }, children);
  const reveal = () => {
    el.classList.add('revealed');
    el.removeAttribute('aria-label');
  };
  el.addEventListener('click', reveal);
  el.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') reveal();
  });
  return el;
}

/** @param {string} id */
function personMention(id) {
  const mine = me()?.id === id ? ' mine' : '';
  return h('span', { class: `mention${mine}` }, `@${personName(id) ?? 'unknown-user'}`);
}

/** @param {string} id */
function roleMention(id) {
  return h('span', { class: 'mention' }, `@${roleById(id)?.name ?? 'deleted-role'}`);
}

/** @param {string} id */
function channelMention(id) {
  return h('span', { class: 'mention' }, `#${channelById(id)?.name ?? 'unknown'}`);
}
