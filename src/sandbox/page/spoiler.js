import { h } from './dom.js';

/** @import { Child } from './types.d.ts' */

/** Hidden until somebody wants to see it. @param {Child[]} children @param {'span' | 'div'} [tag] */
export function spoiler(children, tag = 'span') {
  const inside = h(tag, { class: 'spoiler-inside' }, children);
  const el = h(tag, { class: 'spoiler', role: 'button', tabindex: 0, 'aria-label': 'Spoiler, hidden' }, inside);
  inside.inert = true;
  const reveal = () => {
    el.classList.add('revealed');
    for (const name of ['role', 'tabindex', 'aria-label']) el.removeAttribute(name);
    inside.inert = false;
  };
  el.addEventListener('click', (event) => {
    if (!el.classList.contains('revealed')) event.preventDefault();
    reveal();
  });
  el.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent)) return;
    if (event.key !== 'Enter' && event.key !== ' ') return;
    if (!el.classList.contains('revealed')) event.preventDefault();
    reveal();
  });
  return el;
}
