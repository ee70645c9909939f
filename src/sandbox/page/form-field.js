import { h, icon } from './dom.js';
import { isSelect, optionsOf } from './entities.js';
import { drawSelect } from './select.js';

/** @import { Component, SelectOption } from './types.d.ts' */
/**
 * A control of a form. `value` is what would be sent, undefined for nothing; `problem` is what Discord would say of it.
 * @typedef {{ el: HTMLElement, value: () => unknown, problem: () => string, isGroup?: boolean }} Control
 */
/** @typedef {{ id: string, describedBy: string, labelledBy: string }} Ids */

const TEXT_INPUT = 4;
const PARAGRAPH = 2;
const FILE_UPLOAD = 19;
const RADIO_GROUP = 21;
const CHECKBOX_GROUP = 22;
const CHECKBOX = 23;
const MAX_TEXT = 4000;

const REQUIRED = 'This field is required.';

/** @param {Component} input */
export const isRequired = (input) => input.required !== false && input.type !== CHECKBOX;

/** @param {Component} input @param {Ids} ids @returns {Control | undefined} */
export function drawControl(input, ids) {
  if (input.type === TEXT_INPUT) return drawText(input, ids);
  if (isSelect(input.type)) return drawMenu(input, ids);
  if (input.type === RADIO_GROUP || input.type === CHECKBOX_GROUP) return drawGroup(input, ids);
  if (input.type === CHECKBOX) return drawCheckbox(input, ids);
  return input.type === FILE_UPLOAD ? drawUpload(input, ids) : undefined;
}

/** @param {Component} input @param {Ids} ids @returns {Control} */
function drawText(input, { id, describedBy }) {
  const { min_length: least = 0, max_length: most = MAX_TEXT } = input;
  const props = {
    id,
    name: input.custom_id,
    placeholder: input.placeholder,
    maxlength: most,
    autocomplete: 'off',
    'aria-required': String(isRequired(input)),
    'aria-describedby': describedBy,
  };
  const isLong = input.style === PARAGRAPH;
  const field = isLong ? h('textarea', { ...props, rows: 4 }) : h('input', { ...props, type: 'text' });
  field.value = String(input.value ?? '');
  const counter = h('span', { class: 'counter', 'aria-hidden': 'true' });
  const count = () => {
    counter.textContent = `${field.value.length}/${most}`;
  };
  field.addEventListener('input', count);
  count();
  const problem = () => {
    if (!field.value) return isRequired(input) ? REQUIRED : '';
    return field.value.length < least ? `Must be at least ${least} characters long.` : '';
  };
  return { el: h('div', { class: 'text-field' }, field, counter), value: () => field.value, problem };
}

/** @param {number} chosen @param {{ least: number, most: number, isNeeded: boolean }} bounds */
function countProblem(chosen, { least, most, isNeeded }) {
  if (chosen === 0 && !isNeeded) return '';
  if (chosen === 0) return REQUIRED;
  if (chosen < least) return `Choose at least ${least}.`;
  return chosen > most ? `Choose at most ${most}.` : '';
}

/** @param {Component} input @param {Ids} ids @returns {Control} */
function drawMenu(input, { id, labelledBy, describedBy }) {
  const defaults = (input.default_values ?? []).map((one) => one.id);
  let values = [
    ...optionsOf(input)
      .filter((one) => one.default)
      .map((one) => one.value),
    ...defaults,
  ];
  const el = drawSelect(input, {
    isInForm: true,
    onTake: (taken) => {
      values = taken;
    },
    props: { id, 'aria-labelledby': `${labelledBy} ${id}`, 'aria-describedby': describedBy },
  });
  const bounds = { least: input.min_values ?? 1, most: input.max_values ?? 1, isNeeded: isRequired(input) };
  return { el, value: () => values, problem: () => countProblem(values.length, bounds) };
}

/** @param {Component} input @param {Ids} ids @returns {Control} */
function drawGroup(input, { id, labelledBy, describedBy }) {
  const isRadio = input.type === RADIO_GROUP;
  const options = input.options ?? [];
  const boxes = options.map((option) => drawBox(option, { type: isRadio ? 'radio' : 'checkbox', name: id }));
  const most = isRadio ? 1 : (input.max_values ?? options.length);
  const el = h(
    'div',
    {
      id,
      class: 'choices',
      role: isRadio ? 'radiogroup' : 'group',
      'aria-labelledby': labelledBy,
      'aria-describedby': describedBy,
      ...(isRadio && { 'aria-required': String(isRequired(input)) }),
    },
    boxes.map((one) => one.el),
  );
  const chosen = () => boxes.filter((one) => one.box.checked).map((one) => one.box.value);
  const keepMost = () => {
    const isFull = !isRadio && chosen().length >= most;
    for (const { box } of boxes) box.disabled = isFull && !box.checked;
  };
  el.addEventListener('change', keepMost);
  keepMost();
  const bounds = { least: isRadio ? 1 : (input.min_values ?? 1), most, isNeeded: isRequired(input) };
  const value = () => (isRadio ? chosen()[0] : chosen());
  return { el, isGroup: true, value, problem: () => countProblem(chosen().length, bounds) };
}

/** @param {SelectOption} option @param {{ type: string, name: string }} props */
function drawBox(option, props) {
  const box = h('input', { ...props, value: option.value, checked: option.default });
  const texts = h(
    'span',
    { class: 'choice-text' },
    h('span', {}, option.label),
    option.description && h('span', { class: 'choice-hint' }, option.description),
  );
  return { box, el: h('label', { class: 'choice' }, box, texts) };
}

/** @param {Component} input @param {Ids} ids @returns {Control} */
function drawCheckbox(input, { id, describedBy }) {
  const box = h('input', { type: 'checkbox', id, checked: input.default, 'aria-describedby': describedBy });
  return { el: h('div', { class: 'single-box' }, box), value: () => box.checked, problem: () => '' };
}

/** The drivers take no files, so it is shown and says so. @param {Component} input @param {Ids} ids @returns {Control} */
function drawUpload(input, { id, describedBy }) {
  const isMany = (input.max_values ?? 1) > 1;
  const props = { type: 'file', id, multiple: isMany, disabled: true, 'aria-describedby': describedBy };
  const said = `${isMany ? `Up to ${input.max_values} files` : 'One file'}. The sandbox cannot upload by hand.`;
  const el = h('div', { class: 'upload' }, icon('file'), h('input', props), h('span', { class: 'field-hint' }, said));
  return { el, value: () => undefined, problem: () => '' };
}
