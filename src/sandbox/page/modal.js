import { post } from './api.js';
import { theBot } from './bot.js';
import { byId, h, icon } from './dom.js';
import { drawControl, isRequired } from './form-field.js';
import { markdown } from './markdown.js';
import { fail, store } from './store.js';

/** @import { Component, Modal } from './types.d.ts' */
/** @import { Control } from './form-field.js' */
/** @typedef {{ customId: string, control: Control, root: HTMLElement, error: HTMLElement }} Field */

const ROW = 1;
const TEXT_DISPLAY = 10;
const LABEL = 18;

/** What stands open, and what the person puts in. @type {{ modal: Modal, as: string, message: string | undefined, fields: Field[], opener: Element | null } | undefined} */
let open;

/**
 * Opened only by the answer to one's own press, as Discord does: one that was dismissed stays in the sandbox's state until its
 * token ends, and must not come back by itself.
 * @param {Modal} modal @param {string | undefined} message
 */
export function showModal(modal, message) {
  const dialog = byId('modal', HTMLDialogElement);
  /** @type {Field[]} */
  const fields = [];
  open = { modal, as: store.as, message: message ?? modal.message, fields, opener: document.activeElement };
  byId('modal-title', HTMLElement).textContent = modal.title;
  byId('modal-fields', HTMLElement).replaceChildren(
    warning(),
    ...modal.components.map((one) => drawTop(one, fields)).filter((el) => el instanceof HTMLElement),
  );
  setError('');
  if (!dialog.open) dialog.showModal();
  focusOn(fields[0]);
}

/** Discord says so above every form. */
function warning() {
  const said = `This form will be submitted to ${theBot().name}. Do not share passwords or other sensitive information.`;
  return h('p', { class: 'modal-warning' }, icon('warning'), h('span', {}, said));
}

/** @param {Field | undefined} field */
function focusOn(field) {
  const first = field?.root.querySelector('input:not(:disabled), textarea, button');
  if (first instanceof HTMLElement) first.focus();
}

/** @param {Component} component @param {Field[]} fields */
function drawTop(component, fields) {
  if (component.type === TEXT_DISPLAY) return markdown(component.content ?? '');
  const isLabel = component.type === LABEL;
  const input = isLabel ? component.component : component.type === ROW ? component.components?.[0] : component;
  if (!input) return null;
  const { label = input.label ?? '', description } = isLabel ? component : input;
  const field = drawField(input, { label, description: isLabel ? description : undefined });
  if (field) fields.push(field);
  return field?.root ?? h('div', { class: 'subtext' }, `(component of type ${input.type})`);
}

/** @param {Component} input @param {{ label: string, description: string | undefined }} about @returns {Field | undefined} */
function drawField(input, { label, description }) {
  const customId = input.custom_id ?? '';
  const id = `field-${customId}`;
  const ids = { id, labelledBy: `${id}-label`, describedBy: `${id}-hint ${id}-error` };
  const control = drawControl(input, ids);
  if (!control) return undefined;
  const mark = isRequired(input) ? h('span', { class: 'required', 'aria-hidden': 'true' }, ' *') : null;
  const props = { id: ids.labelledBy, class: 'field-label' };
  const name = control.isGroup ? h('div', props, label, mark) : h('label', { ...props, for: id }, label, mark);
  const error = h('div', { id: `${id}-error`, class: 'field-error', hidden: true });
  const hint = h('div', { id: `${id}-hint`, class: 'field-hint', hidden: !description }, description);
  const root = h('div', { class: 'field' }, name, hint, control.el, error);
  const field = { customId, control, root, error };
  // What was wrong is looked at again as soon as it changes.
  for (const kind of ['input', 'change', 'click']) {
    root.addEventListener(kind, () => {
      if (!error.hidden) judge(field);
    });
  }
  return field;
}

/** Whether the field may be sent; says why not. @param {Field} field */
function judge({ control, root, error }) {
  const problem = control.problem();
  error.textContent = problem;
  error.hidden = !problem;
  root.classList.toggle('wrong', problem !== '');
  const input = root.querySelector('input, textarea');
  if (problem) input?.setAttribute('aria-invalid', 'true');
  else input?.removeAttribute('aria-invalid');
  return problem === '';
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
  const wrong = fields.filter((field) => !judge(field));
  if (wrong.length > 0) {
    focusOn(wrong[0]);
    return;
  }
  const values = fields.map(({ customId, control }) => [customId, control.value()]);
  const send = byId('modal-submit', HTMLButtonElement);
  send.disabled = true;
  const answer = await post('/sandbox/modal', {
    as,
    custom_id: modal.custom_id,
    fields: Object.fromEntries(values.filter(([, value]) => value !== undefined)),
    ...(message ? { message } : {}),
  });
  send.disabled = false;
  // Discord keeps the dialog and what was typed when the application does not answer.
  if (answer.error) setError(answer.error);
  else close();
}

/** Where the person was when it opened, they are again. */
function close() {
  const opener = open?.opener;
  open = undefined;
  byId('modal', HTMLDialogElement).close();
  const back = opener instanceof HTMLElement && opener.isConnected ? opener : byId('composer-input', HTMLElement);
  back.focus();
}

export function startModals() {
  const form = byId('modal-form', HTMLFormElement);
  form.noValidate = true;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit().catch((error) => fail(String(error)));
  });
  byId('modal-cancel', HTMLButtonElement).addEventListener('click', close);
  byId('modal', HTMLDialogElement).addEventListener('cancel', (event) => {
    event.preventDefault();
    close();
  });
}
