import { h } from './dom.js';

/**
 * One line of the list above the composer.
 * @typedef {{ name: string, wants?: string, hint?: string | undefined, pick: () => void }} Suggestion
 */

/**
 * The list above the composer. Focus stays in the field that is typed into; the list is steered from there.
 * @param {HTMLElement} list @param {HTMLElement} title
 */
export function createSuggestions(list, title) {
  /** @type {Suggestion[]} */
  let items = [];
  let at = 0;
  /** @type {HTMLElement | undefined} */
  let field;

  const mark = () => {
    [...list.children].forEach((el, index) => {
      el.setAttribute('aria-selected', String(index === at));
      if (index === at) el.scrollIntoView({ block: 'nearest' });
    });
    field?.setAttribute('aria-activedescendant', items.length ? `suggestion-${at}` : '');
    field?.setAttribute('aria-expanded', String(items.length > 0));
  };
  const hide = () => {
    items = [];
    list.replaceChildren();
    if (list.parentElement) list.parentElement.hidden = true;
    mark();
  };
  /** @param {Suggestion} item */
  const pick = (item) => {
    hide();
    item.pick();
  };

  return {
    hide,
    /** @param {HTMLElement} owner @param {string} heading @param {Suggestion[]} next */
    show(owner, heading, next) {
      field = owner;
      items = next;
      at = 0;
      title.textContent = heading;
      list.replaceChildren(...next.map((item, index) => draw(item, index, pick)));
      if (list.parentElement) list.parentElement.hidden = false;
      mark();
    },
    /** Whether the key was for the list. @param {KeyboardEvent} event */
    takesKey(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const item = items[at];
      if (!item) return false;
      if (step) {
        at = (at + step + items.length) % items.length;
        mark();
      } else if (event.key === 'Enter' || event.key === 'Tab') pick(item);
      else if (event.key === 'Escape') hide();
      else return false;
      event.preventDefault();
      return true;
    },
  };
}

/** @param {Suggestion} item @param {number} index @param {(item: Suggestion) => void} pick */
function draw(item, index, pick) {
  return h(
    'div',
    {
      id: `suggestion-${index}`,
      class: 'suggestion',
      role: 'option',
      // A click would first take the focus from the field, which closes the list.
      onmousedown: (/** @type {Event} */ event) => event.preventDefault(),
      onclick: () => pick(item),
    },
    h('span', { class: 'suggestion-name' }, item.name),
    item.wants && h('span', { class: 'suggestion-wants' }, item.wants),
    item.hint && h('span', { class: 'suggestion-hint' }, item.hint),
  );
}
