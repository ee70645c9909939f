import { h } from './dom.js';

/**
 * One line of the list above the composer.
 * @typedef {{ name: string, wants?: { name: string, required: boolean }[], hint?: string | undefined, from?: string, pick: () => void }} Suggestion
 */
/** What stands over the list. @typedef {{ title: string, hint?: string | undefined, wrong?: string | undefined }} Heading */

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
  title.setAttribute('role', 'status');

  const mark = () => {
    [...list.children].forEach((el, index) => {
      el.setAttribute('aria-selected', String(index === at));
      if (index === at) el.scrollIntoView({ block: 'nearest' });
    });
    if (items.length > 0) field?.setAttribute('aria-activedescendant', `suggestion-${at}`);
    else field?.removeAttribute('aria-activedescendant');
    // A field of several lines is no combobox, and may not say this.
    if (field?.getAttribute('role') === 'combobox') field.setAttribute('aria-expanded', String(items.length > 0));
  };
  /** @param {boolean} isHidden */
  const setHidden = (isHidden) => {
    list.hidden = items.length === 0;
    if (list.parentElement) list.parentElement.hidden = isHidden;
  };
  const hide = () => {
    items = [];
    list.replaceChildren();
    setHidden(true);
    mark();
  };
  /** @param {Suggestion} item */
  const pick = (item) => {
    hide();
    item.pick();
  };

  return {
    hide,
    /** Without lines it says what the field wants, or what is wrong with it. @param {HTMLElement} owner @param {Heading} heading @param {Suggestion[]} [next] */
    show(owner, heading, next = []) {
      field = owner;
      items = next;
      at = 0;
      title.replaceChildren(...drawHeading(heading));
      list.replaceChildren(...next.map((item, index) => draw(item, index, pick)));
      setHidden(false);
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
      } else if (event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)) pick(item);
      else if (event.key === 'Escape') hide();
      else return false;
      event.preventDefault();
      return true;
    },
  };
}

/** @param {Heading} heading */
function drawHeading({ title, hint, wrong }) {
  return [
    h('span', { class: 'suggestions-name' }, title),
    ...(hint ? [h('span', { class: 'suggestions-hint' }, ` ${hint}`)] : []),
    ...(wrong ? [h('span', { class: 'suggestions-wrong' }, wrong)] : []),
  ];
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
    (item.wants ?? []).map(({ name, required }) =>
      h('span', { class: required ? 'suggestion-wants' : 'suggestion-wants optional' }, name),
    ),
    item.from && h('span', { class: 'suggestion-from' }, item.from),
    item.hint && h('span', { class: 'suggestion-hint' }, item.hint),
  );
}
