import { h, icon } from './dom.js';
import { isDm, isThread, roles, store } from './store.js';

/** @import { Component, SelectOption } from './types.d.ts' */

const USER = 5;
const ROLE = 6;
const MENTIONABLE = 7;
const CHANNEL = 8;

/** @param {number} type */
export const isSelect = (type) => type === 3 || (type >= USER && type <= CHANNEL);

/** What can be chosen: the component's own options, or what the guild has. @param {Component} select @returns {SelectOption[]} */
export function optionsOf(select) {
  const people = store.state.accounts.map((one) => ({ label: one.name, value: one.id }));
  const groups = roles().map((one) => ({ label: `@${one.name.replace(/^@/, '')}`, value: one.id }));
  if (select.type === USER) return people;
  if (select.type === ROLE) return groups;
  if (select.type === MENTIONABLE) return [...groups, ...people];
  if (select.type !== CHANNEL) return select.options ?? [];
  const wanted = select.channel_types ?? [];
  return store.state.channels
    .filter((one) => !isDm(one) && (wanted.length ? wanted.includes(one.type) : !isThread(one)))
    .map((one) => ({ label: `# ${one.name}`, value: one.id }));
}

/** @param {Component} select @param {SelectOption[]} options */
function chosenAtFirst(select, options) {
  const defaults = new Set((select.default_values ?? []).map((one) => one.id));
  return new Set(options.filter((one) => one.default || defaults.has(one.value)).map((one) => one.value));
}

/**
 * A menu as Discord draws it: one value is taken at once; several are ticked and taken when the menu closes.
 * @param {Component} select @param {(values: string[]) => void} onTake
 */
export function drawSelect(select, onTake) {
  return new Select(select, onTake).root;
}

class Select {
  #label = h('span', { class: 'select-label' });

  /** @param {Component} select @param {(values: string[]) => void} onTake */
  constructor(select, onTake) {
    const name = select.placeholder ?? 'Make a selection';
    this.select = select;
    this.onTake = onTake;
    this.options = optionsOf(select);
    this.most = select.max_values ?? 1;
    this.chosen = chosenAtFirst(select, this.options);
    this.taken = [...this.chosen].join();
    this.toggle = h(
      'button',
      {
        type: 'button',
        class: 'select-toggle',
        'aria-haspopup': 'listbox',
        'aria-expanded': 'false',
        'aria-label': name,
        'data-focus': select.custom_id,
        disabled: select.disabled,
        onclick: () => this.#setOpen(this.menu.hidden !== false),
      },
      this.#label,
      icon('chevron'),
    );
    this.menu = h(
      'div',
      {
        class: 'select-menu',
        role: 'listbox',
        'aria-multiselectable': this.most > 1,
        'aria-label': name,
        hidden: true,
      },
      this.options.map((option) => drawOption(option, this.chosen, (value) => this.#choose(value))),
    );
    this.root = h('div', { class: 'select', 'data-custom-id': select.custom_id }, this.toggle, this.menu);
    this.root.addEventListener('keydown', (event) => this.#onKey(event));
    this.root.addEventListener('focusout', ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.root.contains(relatedTarget))) this.#setOpen(false);
    });
    this.#showLabel();
  }

  #showLabel() {
    const names = this.options.filter((one) => this.chosen.has(one.value)).map((one) => one.label);
    this.#label.textContent = names.join(', ') || (this.select.placeholder ?? 'Make a selection');
    this.#label.classList.toggle('empty', names.length === 0);
  }

  /** @param {boolean} open */
  #setOpen(open) {
    if (this.menu.hidden === !open) return;
    this.menu.hidden = !open;
    this.toggle.setAttribute('aria-expanded', String(open));
    if (open) {
      this.menu.querySelector('button')?.focus({ preventScroll: true });
      this.menu.scrollIntoView({ block: 'nearest' });
    } else this.#take();
  }

  #take() {
    const values = [...this.chosen];
    if (values.join() === this.taken || values.length < (this.select.min_values ?? 1)) return;
    this.taken = values.join();
    this.onTake(values);
  }

  /** @param {string} value */
  #choose(value) {
    if (this.most === 1) this.chosen.clear();
    if (!this.chosen.delete(value) && this.chosen.size < this.most) this.chosen.add(value);
    for (const el of this.menu.children) {
      el.setAttribute('aria-selected', String(this.chosen.has(el.getAttribute('data-value') ?? '')));
    }
    this.#showLabel();
    if (this.most === 1) this.#closeByHand();
  }

  #closeByHand() {
    this.#setOpen(false);
    this.toggle.focus();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (this.menu.hidden) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      this.#closeByHand();
    } else if (['ArrowDown', 'ArrowUp'].includes(event.key)) {
      event.preventDefault();
      step(this.menu, event.key === 'ArrowDown' ? 1 : -1);
    }
  }
}

/** @param {SelectOption} option @param {Set<string>} chosen @param {(value: string) => void} choose */
function drawOption(option, chosen, choose) {
  return h(
    'button',
    {
      type: 'button',
      class: 'select-option',
      role: 'option',
      'data-value': option.value,
      'aria-selected': String(chosen.has(option.value)),
      onclick: () => choose(option.value),
    },
    h(
      'span',
      { class: 'select-option-text' },
      h('span', {}, [option.emoji?.name, option.label].filter(Boolean).join(' ')),
      option.description && h('span', { class: 'select-option-hint' }, option.description),
    ),
    icon('check'),
  );
}

/** @param {HTMLElement} menu @param {number} by */
function step(menu, by) {
  const all = [...menu.querySelectorAll('button')];
  const at = all.findIndex((el) => el.matches(':focus'));
  all[(at + by + all.length) % all.length]?.focus();
}
