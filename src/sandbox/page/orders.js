import { post } from './api.js';
import { byId, h } from './dom.js';

/**
 * Something that the sandbox can be told to do, with one sentence on what happens then.
 * @typedef {object} Order
 * @property {string} label
 * @property {string} hint
 * @property {string} path
 * @property {() => Record<string, unknown>} body
 * @property {() => string} [done] what is said when it was taken; the hint where there is nothing better
 * @property {string} [scenario]
 * @property {() => string} [danger] what cannot be undone; asked before it is done
 */

/** @param {string} text @param {boolean} [failed] */
function tell(text, failed = false) {
  const status = byId('scenario-status', HTMLElement);
  status.textContent = text;
  status.classList.toggle('bad', failed);
}

/** @param {Order} order */
export async function give(order) {
  const answer = await post(order.path, order.body());
  if (answer.error) tell(`Not done: ${answer.error}`, true);
  else tell(order.done?.() ?? order.hint);
}

let count = 0;

/** @param {Order} order */
function drawOrder(order) {
  const { label, hint, scenario, danger } = order;
  const id = `order-${count++}`;
  const props = {
    type: 'button',
    class: 'order-label',
    'aria-describedby': id,
    // A list that is drawn anew gives the focus back to the button of the same name.
    'data-focus': label,
    ...(scenario ? { 'data-scenario': scenario, 'aria-pressed': 'false' } : {}),
  };
  const button = h('button', props, label);
  const card = h(
    'div',
    { class: danger ? 'order dangerous' : 'order' },
    button,
    h('p', { class: 'order-hint', id }, hint),
  );
  const row = h('li', {}, card);
  button.addEventListener('click', () => {
    if (danger) row.append(question(order, { card, text: danger() }));
    else void give(order);
  });
  return row;
}

/** @param {Order} order @param {{ card: HTMLElement, text: string }} asked */
function question(order, { card, text }) {
  card.hidden = true;
  /** @param {boolean} yes */
  const decide = (yes) => {
    box.remove();
    card.hidden = false;
    card.querySelector('button')?.focus();
    if (yes) void give(order);
  };
  const no = h('button', { type: 'button', class: 'button secondary small', onclick: () => decide(false) }, 'Keep it');
  const yes = h('button', { type: 'button', class: 'button danger small', onclick: () => decide(true) }, order.label);
  const box = h(
    'div',
    { class: 'order-question', role: 'group', 'aria-label': order.label },
    h('p', {}, text),
    h('div', { class: 'order-answers' }, no, yes),
  );
  // The harmless answer has the focus: Enter twice deletes nothing.
  queueMicrotask(() => no.focus());
  return box;
}

/** @param {Order[]} orders */
export const drawOrders = (orders) => h('ul', { class: 'orders' }, orders.map(drawOrder));

/** @param {{ name: string, about: string, orders: Order[] }} group */
export function drawGroup({ name, about, orders }) {
  return h(
    'details',
    { class: 'group' },
    h('summary', {}, h('h3', {}, name), h('span', { class: 'hint' }, about)),
    drawOrders(orders),
  );
}
