import { append, h, icon } from './dom.js';
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
  const options = optionsOf(select);
  const many = (select.max_values ?? 1) > 1;
  const fewest = select.min_values ?? 1;
  const chosen = chosenAtFirst(select, options);
  let taken = [...chosen].join();

  const label = h('span', { class: 'select-label' });
  const placeholder = select.placeholder ?? 'Make a selection';
  const toggle = h(
    'button',
    {
      type: 'button',
      class: 'select-toggle',
      'aria-haspopup': 'listbox',
      'aria-expanded': 'false',
      'aria-label': placeholder,
      'data-focus': select.custom_id,
      disabled: select.disabled,
    },
    label,
    icon('chevron'),
  );
  const menu = h('div', {
    class: 'select-menu',
    role: 'listbox',
    'aria-multiselectable': many,
    'aria-label': placeholder,
  });
  menu.hidden = true;
  const root = h('div', { class: 'select', 'data-custom-id': select.custom_id }, toggle, menu);

  const showLabel = () => {
    const names = options.filter((one) => chosen.has(one.value)).map((one) => one.label);
    label.textContent = names.join(', ') || placeholder;
    label.classList.toggle('empty', names.length === 0);
  };
  const take = () => {
    if ([...chosen].join() === taken || chosen.size < fewest) return;
    taken = [...chosen].join();
    onTake([...chosen]);
  };
  /** @param {boolean} open */
  const setOpen = (open) => {
    if (menu.hidden === !open) return;
    menu.hidden = !open;
    toggle.setAttribute('aria-expanded', String(open));
    if (open) {
      menu.querySelector('button')?.focus({ preventScroll: true });
      menu.scrollIntoView({ block: 'nearest' });
    } else take();
  };
  /** @param {string} value */
  const choose = (value) => {
    toggleValue(chosen, value, { many, most: select.max_values ?? 1 });
    for (const el of menu.children)
      el.setAttribute('aria-selected', String(chosen.has(el.getAttribute('data-value') ?? '')));
    showLabel();
    if (!many) {
      setOpen(false);
      toggle.focus();
    }
  };
  append(
    menu,
    options.map((option) => drawOption(option, chosen, choose)),
  );
  toggle.addEventListener('click', () => setOpen(menu.hidden !== false));
  closeOnLeave(
    root,
    menu,
    () => {
      setOpen(false);
      toggle.focus();
    },
    () => setOpen(false),
  );
  showLabel();
  return root;
}

/** @param {Set<string>} chosen @param {string} value @param {{ many: boolean, most: number }} limit */
function toggleValue(chosen, value, { many, most }) {
  if (!many) {
    chosen.clear();
    chosen.add(value);
  } else if (!chosen.delete(value) && chosen.size < most) chosen.add(value);
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

/** @param {HTMLElement} root @param {HTMLElement} menu @param {() => void} onEscape @param {() => void} onLeave */
function closeOnLeave(root, menu, onEscape, onLeave) {
  root.addEventListener('keydown', (event) => {
    if (menu.hidden) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onEscape();
    } else if (['ArrowDown', 'ArrowUp'].includes(event.key)) {
      event.preventDefault();
      step(menu, event.key === 'ArrowDown' ? 1 : -1);
    }
  });
  root.addEventListener('focusout', (event) => {
    if (!(event.relatedTarget instanceof Node && root.contains(event.relatedTarget))) onLeave();
  });
}

/** @param {HTMLElement} menu @param {number} by */
function step(menu, by) {
  const all = [...menu.querySelectorAll('button')];
  const at = all.findIndex((el) => el === document.activeElement);
  all[(at + by + all.length) % all.length]?.focus();
}
