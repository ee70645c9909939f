/** @import { Child } from './types.d.ts' */

/**
 * Makes an element. Text becomes text nodes, so nothing that comes from a message is ever read as markup.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} props
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) setProp(el, key, value);
  append(el, children.flat());
  return el;
}

/** @param {HTMLElement} el @param {string} key @param {unknown} value */
function setProp(el, key, value) {
  if (value === undefined || value === null || value === false) return;
  if (key.startsWith('on') && typeof value === 'function') {
    el.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
  } else {
    el.setAttribute(key, value === true ? '' : String(value));
  }
}

/** @param {Node} parent @param {Child[]} children */
function append(parent, children) {
  for (const child of children) {
    if (child === undefined || child === null || child === false) continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * An element of index.html; its absence is a defect of the page, not something to work around.
 * @template {HTMLElement} T
 * @param {string} id @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const el = document.getElementById(id);
  if (!(el instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}`);
  return el;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Outlines on a 24 × 24 grid, drawn with the current text colour. */
const ICONS = {
  hash: 'M5 9h15M4 15h15M10 3 8 21M16 3l-2 18',
  thread: 'M6 4v7a4 4 0 0 0 4 4h9M15 11l4 4-4 4',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21c0-4 3.6-6.5 8-6.5s8 2.5 8 6.5',
  eye: 'M2 12s3.6-7 10-7 10 7 10 7-3.6 7-10 7S2 12 2 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  external: 'M14 4h6v6M20 4 10 14M19 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1h5',
  file: 'M14 3H6a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1V8l-5-5ZM14 3v5h5',
  check: 'M4 12.5 9.5 18 20 6.5',
  warning: 'M12 3 2 20h20L12 3ZM12 10v4M12 17v.5',
  chevron: 'M6 9l6 6 6-6',
  slash: 'M17 3 7 21',
  download: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M9 10V9.5',
  silent: 'M6 16V11a6 6 0 0 1 9-5.2M18 10v6l1.5 2H9M10.5 21h3M4 4l16 16',
  pin: 'M9 3h6l-1 7 4 4H6l4-4-1-7ZM12 14v7',
  archive: 'M3 5h18v4H3zM5 9v10h14V9M10 13h4',
  lock: 'M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11',
  bolt: 'M13 2 4 14h7l-1 8 9-12h-7l1-8Z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  system: 'M3 4h18v12H3zM9 20h6M12 16v4',
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.appendChild(path);
  return svg;
}

/** @type {WeakMap<Node, string>} */
const drawn = new WeakMap();

/**
 * Brings the children of `parent` in line with `items`, keeping every node whose fingerprint is unchanged: focus, an open
 * list and half-typed text in one row survive the news in another.
 * @param {HTMLElement} parent
 * @param {{ key: string, print: string, draw: () => HTMLElement }[]} items
 */
export function reconcile(parent, items) {
  const old = new Map([...parent.children].map((el) => [el.getAttribute('data-key'), el]));
  const focused = focusPath(parent);
  const next = items.map((item) => {
    const known = old.get(item.key);
    if (known && drawn.get(known) === item.print) return known;
    const el = item.draw();
    el.setAttribute('data-key', item.key);
    drawn.set(el, item.print);
    return el;
  });
  const keep = new Set(next);
  for (const el of [...parent.children]) if (!keep.has(el)) el.remove();
  next.forEach((el, at) => {
    if (parent.children[at] !== el) parent.insertBefore(el, parent.children[at] ?? null);
  });
  restoreFocus(parent, focused);
}

/** @param {HTMLElement} parent */
function focusPath(parent) {
  const active = document.activeElement;
  if (!active || !parent.contains(active)) return undefined;
  const row = active.closest('[data-key]')?.getAttribute('data-key');
  const id = active.getAttribute('data-focus');
  return row && id ? { row, id, active } : undefined;
}

/** @param {HTMLElement} parent @param {{ row: string, id: string, active: Element } | undefined} focused */
function restoreFocus(parent, focused) {
  if (!focused || document.activeElement === focused.active) return;
  for (const row of parent.children) {
    if (row.getAttribute('data-key') !== focused.row) continue;
    for (const el of row.querySelectorAll('[data-focus]')) {
      if (el instanceof HTMLElement && el.getAttribute('data-focus') === focused.id) el.focus({ preventScroll: true });
    }
  }
}
