import { EMPHASIS, RULES } from './markdown-rules.js';

/** @import { Node, Place, Rule } from './markdown-rules.js' */

/** What nests deeper than any person writes is left as the text that it is. */
const MAX_DEPTH = 30;

/** A run of text ends before anything that a rule may begin with. */
const TEXT = /^(?:\n|[\s\S](?:(?!https?:\/\/)[^\\`*_~|<[@\n¯])*)/;

/**
 * Discord's Markdown as a tree: at each place the first rule that fits takes its piece, otherwise some text goes by. Nothing
 * here touches the page, so that the reading of a text can be compared with another's.
 * @param {string} text @param {Place} [place] @returns {Node[]}
 */
export function parse(text, place = { isLineStart: true, inQuote: false, depth: 0 }) {
  if (place.depth > MAX_DEPTH) return [{ type: 'text', text }];
  /** @type {Node[]} */
  const out = [];
  let { isLineStart } = place;
  let rest = text;
  while (rest) {
    const { length, node } = take(rest, { ...place, isLineStart });
    isLineStart = rest[length - 1] === '\n';
    push(out, node);
    rest = rest.slice(length);
  }
  return out;
}

/** @param {string} text @param {Place} place @returns {{ length: number, node: Node }} */
function take(text, place) {
  const hit = first(text, place) ?? longest(text);
  if (!hit) {
    const run = TEXT.exec(text)?.[0] ?? text.slice(0, 1);
    return { length: run.length, node: { type: 'text', text: run } };
  }
  const below = { ...place, isLineStart: false, depth: place.depth + 1 };
  return {
    length: hit.match[0].length,
    node: hit.rule.make(hit.match, (part, more) => parse(part, { ...below, ...more })),
  };
}

/** @param {string} text @param {Place} place */
function first(text, place) {
  for (const rule of RULES) {
    const match = !rule.when || rule.when(place) ? rule.at.exec(text) : null;
    if (match) return { rule, match };
  }
  return undefined;
}

/** @param {string} text */
function longest(text) {
  /** @type {{ rule: Rule, match: RegExpExecArray } | undefined} */
  let best;
  for (const rule of EMPHASIS) {
    const match = rule.at.exec(text);
    if (match && match[0].length > (best?.match[0].length ?? 0)) best = { rule, match };
  }
  return best;
}

/** Neighbouring text is one piece. @param {Node[]} out @param {Node} node */
function push(out, node) {
  const last = out.at(-1);
  if (node.type === 'text' && last?.type === 'text') last.text = (last.text ?? '') + (node.text ?? '');
  else out.push(node);
}
