import { h, icon } from './dom.js';

/** A count in the header: in words where there is room, and always for who listens. @param {HTMLElement} chip @param {{ sign: 'warning' | 'bolt', count: number, words: string }} facts */
export function showChip(chip, { sign, count, words }) {
  if (chip.dataset.print === words) return;
  chip.dataset.print = words;
  const short = h('span', { class: 'chip-count', 'aria-hidden': 'true' }, count);
  chip.replaceChildren(icon(sign), short, h('span', { class: 'chip-words' }, words));
}
