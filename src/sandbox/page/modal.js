import { post } from './api.js';
import { byId, h } from './dom.js';
import { markdown } from './markdown.js';
import { drawSelect, isSelect, optionsOf } from './select.js';
import { fail, store } from './store.js';

/** @import { Child, Component, Modal } from './types.d.ts' */

const ROW = 1;
const TEXT_DISPLAY = 10;
const LABEL = 18;
const PARAGRAPH = 2;

/** What stands open, and what the person put in. @type {{ modal: Modal, as: string, message: string | undefined, fields: Record<string, unknown> } | undefined} */
let open;
/**
 * Opened only by the answer to one's own press, as Discord does: one that was dismissed stays in the sandbox's state until its
 * token ends, and must not come back by itself.
 * @param {Modal} modal @param {string | undefined} message
 */
export function showModal(modal, message) {
  const dialog = byId('modal', HTMLDialogElement);
  open = { modal, as: store.as, message: message ?? modal.message, fields: {} };
  byId('modal-title', HTMLElement).textContent = modal.title;
  byId('modal-fields', HTMLElement).replaceChildren(
    ...modal.components.map(drawTop).filter((el) => el instanceof HTMLElement),
  );
  setError('');
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector('#modal-fields input, #modal-fields textarea, #modal-fields button');
  if (first instanceof HTMLElement) first.focus();
}

/** @param {Component} component @returns {Child} */
function drawTop(component) {
  if (component.type === TEXT_DISPLAY) return markdown(component.content ?? '');
  if (component.type === LABEL && component.component) {
    return drawField(component.component, component.label ?? '', component.description);
  }
  const inner = component.type === ROW ? component.components?.[0] : component;
  return inner ? drawField(inner, inner.label ?? '', undefined) : null;
}

/** @param {Component} input @param {string} label @param {string | undefined} hint */
function drawField(input, label, hint) {
  const id = `field-${input.custom_id}`;
  const required = input.required !== false;
  const control = isSelect(input.type) ? drawChoice(input) : drawText(input, { id, required });
  return h(
    'div',
    { class: 'field' },
    h(
      'label',
      { for: id, class: 'field-label' },
      label,
      required ? h('span', { class: 'required', 'aria-hidden': 'true' }, ' *') : null,
    ),
    hint && h('div', { class: 'field-hint' }, hint),
    control,
  );
}

/** @param {Component} input @param {{ id: string, required: boolean }} props */
function drawText(input, { id, required }) {
  const props = {
    id,
    name: input.custom_id,
    required,
    placeholder: input.placeholder,
    minlength: input.min_length,
    maxlength: input.max_length,
    autocomplete: 'off',
  };
  const el = input.style === PARAGRAPH ? h('textarea', { ...props, rows: 4 }) : h('input', { ...props, type: 'text' });
  el.value = input.value ?? '';
  const customId = input.custom_id ?? '';
  const keep = () => {
    if (open) open.fields[customId] = el.value;
  };
  keep();
  el.addEventListener('input', keep);
  return el;
}

/** @param {Component} select */
function drawChoice(select) {
  const customId = select.custom_id ?? '';
  const defaults = (select.default_values ?? []).map((one) => one.id);
  if (open)
    open.fields[customId] = [
      ...optionsOf(select)
        .filter((one) => one.default)
        .map((one) => one.value),
      ...defaults,
    ];
  return drawSelect(select, (values) => {
    if (open) open.fields[customId] = values;
  });
}

/** @param {string} text */
function setError(text) {
  const el = byId('modal-error', HTMLElement);
  el.textContent = text;
  el.hidden = !text;
}

async function submit() {
  if (!open) return;
  const { modal, as, message, fields } = open;
  const send = byId('modal-submit', HTMLButtonElement);
  send.disabled = true;
  const answer = await post('/sandbox/modal', {
    as,
    custom_id: modal.custom_id,
    fields,
    ...(message ? { message } : {}),
  });
  send.disabled = false;
  // Discord keeps the dialog and what was typed when the application does not answer.
  if (answer.error) setError(answer.error);
  else close();
}

function close() {
  open = undefined;
  byId('modal', HTMLDialogElement).close();
}

export function startModals() {
  byId('modal-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    submit().catch((error) => fail(String(error)));
  });
  byId('modal-cancel', HTMLButtonElement).addEventListener('click', close);
  byId('modal', HTMLDialogElement).addEventListener('cancel', (event) => {
    event.preventDefault();
    close();
  });
}
