import { h, icon } from './dom.js';
import { faceOf, isEntitySelect, optionsOf } from './entities.js';

/** @import { Component, SelectOption } from './types.d.ts' */
/**
 * @typedef {object} Use
 * @property {(values: string[]) => void} onTake
 * @property {boolean} [isInForm] in a form every change is taken at once, and judged when the form is sent
 * @property {Record<string, unknown>} [props] of the button that opens the menu
 */

/** More than these are searched rather than looked through. */
const SEARCH_FROM = 10;

let count = 0;

/** @param {Component} select @param {SelectOption[]} options */
function chosenAtFirst(select, options) {
  const defaults = new Set((select.default_values ?? []).map((one) => one.id));
  return new Set(options.filter((one) => one.default || defaults.has(one.value)).map((one) => one.value));
}

/** How many may be taken, in words, where it is not just one. @param {number} least @param {number} most */
function hintOf(least, most) {
  if (most === 1) return '';
  if (least === most) return `Choose ${most}`;
  return least > 0 ? `Choose ${least} to ${most}` : `Choose up to ${most}`;
}

/**
 * A menu as Discord draws it: one value is taken at once; several are ticked and taken when the menu closes.
 * @param {Component} select @param {Use} use
 */
export function drawSelect(select, use) {
  return new Select(select, use).root;
}

class Select {
  #label = h('span', { class: 'select-label' });
  #hint = h('div', { class: 'select-hint' });
  #list;
  #search;

  /** @param {Component} select @param {Use} use */
  constructor(select, use) {
    const name = select.placeholder ?? 'Make a selection';
    count += 1;
    this.id = `select-${count}`;
    this.name = name;
    this.use = use;
    this.options = optionsOf(select);
    this.least = select.required === false ? 0 : (select.min_values ?? 1);
    this.most = Math.max(1, select.max_values ?? 1);
    this.chosen = chosenAtFirst(select, this.options);
    this.taken = [...this.chosen];
    this.toggle = this.#drawToggle(select);
    this.#search = this.#drawSearch(select);
    this.#list = h(
      'div',
      { id: this.id, role: 'listbox', 'aria-multiselectable': String(this.most > 1), 'aria-label': name },
      this.options.map((option) => drawOption(option, (value) => this.#choose(value))),
    );
    this.menu = h('div', { class: 'select-menu', hidden: true }, this.#search, this.#hint, this.#list);
    this.root = h('div', { class: 'select', 'data-custom-id': select.custom_id }, this.toggle, this.menu);
    this.root.addEventListener('keydown', (event) => this.#onKey(event));
    this.root.addEventListener('focusout', ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.root.contains(relatedTarget))) this.#setOpen(false);
    });
    this.#show();
  }

  /** @param {Component} select */
  #drawToggle(select) {
    const props = {
      type: 'button',
      class: 'select-toggle',
      'aria-haspopup': 'listbox',
      'aria-expanded': 'false',
      'aria-controls': this.id,
      'data-focus': select.custom_id,
      disabled: select.disabled,
      onclick: () => this.#setOpen(this.menu.hidden !== false),
      ...this.use.props,
    };
    return h('button', props, this.#label, icon('chevron'));
  }

  /** @param {Component} select */
  #drawSearch(select) {
    if (!(isEntitySelect(select) || this.options.length > SEARCH_FROM)) return null;
    const input = h('input', { type: 'search', class: 'select-search', placeholder: 'Search', 'aria-label': 'Search' });
    input.addEventListener('input', () => {
      const words = input.value.trim().toLowerCase();
      for (const el of this.#options()) el.hidden = !(el.textContent ?? '').toLowerCase().includes(words);
    });
    return input;
  }

  #options() {
    return [...this.#list.querySelectorAll('button')];
  }

  #show() {
    const names = this.options.filter((one) => this.chosen.has(one.value)).map((one) => one.label);
    this.#label.textContent = names.join(', ') || this.name;
    this.#label.classList.toggle('empty', names.length === 0);
    // In a form the label beside it is its name.
    if (!this.use.isInForm)
      this.toggle.setAttribute('aria-label', [this.name, names.join(', ')].filter(Boolean).join(': '));
    const isFull = this.most > 1 && this.chosen.size >= this.most;
    for (const el of this.#options()) {
      const isChosen = this.chosen.has(el.getAttribute('data-value') ?? '');
      el.setAttribute('aria-selected', String(isChosen));
      el.setAttribute('aria-disabled', String(isFull && !isChosen));
    }
    const hint = hintOf(this.least, this.most);
    this.#hint.textContent = hint && `${hint} · ${this.chosen.size} chosen`;
    this.#hint.classList.toggle('short', this.chosen.size < this.least);
    this.#hint.hidden = !hint;
  }

  /** @param {boolean} open */
  #setOpen(open) {
    if (this.menu.hidden === !open) return;
    this.menu.hidden = !open;
    this.toggle.setAttribute('aria-expanded', String(open));
    if (open) {
      const first = this.#options().find((el) => el.getAttribute('aria-selected') === 'true') ?? this.#options()[0];
      (this.#search ?? first)?.focus({ preventScroll: true });
      this.menu.scrollIntoView({ block: 'nearest' });
    } else if (!this.use.isInForm) this.#take();
  }

  #take() {
    const values = [...this.chosen];
    if (values.length < this.least && !this.use.isInForm) {
      // Too few are not sent; what is shown is again what the bot knows.
      this.chosen = new Set(this.taken);
      this.#show();
    } else if (values.join() !== this.taken.join()) {
      this.taken = values;
      this.use.onTake(values);
    }
  }

  /** @param {string} value */
  #choose(value) {
    const had = this.chosen.has(value);
    if (this.most === 1) this.chosen.clear();
    if (had && (this.most > 1 || this.least === 0)) this.chosen.delete(value);
    else if (this.chosen.size < this.most) this.chosen.add(value);
    this.#show();
    if (this.use.isInForm) this.#take();
    if (this.most === 1) this.#closeByHand();
  }

  #closeByHand() {
    this.#setOpen(false);
    this.toggle.focus();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (this.menu.hidden) {
      if (event.key === 'ArrowDown' && event.target === this.toggle) this.#setOpen(true);
      else return;
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      this.#closeByHand();
    } else if (!this.#step(event.key)) return;
    event.preventDefault();
  }

  /** Whether the key moved within the menu. @param {string} key */
  #step(key) {
    const all = this.#options().filter((el) => !el.hidden);
    const at = all.findIndex((el) => el.matches(':focus'));
    const inSearch = this.#search?.matches(':focus') ?? false;
    /** @type {Record<string, number>} */
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, ...(!inSearch && { Home: 0, End: -1 }) };
    const next = key === 'Enter' && inSearch ? 0 : to[key];
    if (next === undefined) return false;
    all.at(next % Math.max(1, all.length))?.focus();
    return true;
  }
}

/** @param {SelectOption} option @param {(value: string) => void} choose */
function drawOption(option, choose) {
  const props = { type: 'button', class: 'select-option', role: 'option', 'data-value': option.value };
  return h(
    'button',
    { ...props, onclick: () => choose(option.value) },
    faceOf(option),
    h(
      'span',
      { class: 'select-option-text' },
      h('span', {}, option.label),
      option.description && h('span', { class: 'select-option-hint' }, option.description),
    ),
    icon('check'),
  );
}
