import { runOnMessage } from './actions.js';
import { localized } from './commands.js';
import { h, icon } from './dom.js';
import { channelById, isEphemeral, store } from './store.js';

/** @import { Command, Message } from './types.d.ts' */

const OF_MESSAGES = 3;
const MARGIN = 8;

/** @type {{ root: HTMLElement, opener: HTMLElement | null } | undefined} */
let open;

export const hasMenu = (/** @type {Message} */ message) => offered(message).length > 0;

/** What applications offer in the menu of a message; none in direct messages, where they are not for these. @param {Message} message @returns {Command[]} */
function offered(message) {
  const isDirect = channelById(message.channel_id)?.type === 1;
  if (isDirect || isEphemeral(message)) return [];
  return (store.state.commands ?? []).filter(({ type }) => type === OF_MESSAGES);
}

/** @param {boolean} [goBack] to where it was opened from */
function close(goBack = false) {
  if (!open) return;
  const { root, opener } = open;
  open = undefined;
  root.remove();
  if (goBack && opener?.isConnected) opener.focus();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const items = [...(open?.root.querySelectorAll('button') ?? [])];
  const at = items.findIndex((one) => one.matches(':focus'));
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (event.key === 'Escape' || event.key === 'Tab') close(true);
  else if (step !== 0) items[(at + step + items.length) % items.length]?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {Message} message @param {{ x: number, y: number, opener: HTMLElement | null }} where */
function show(message, { x, y, opener }) {
  close();
  const items = offered(message).map(({ name, name_localizations: names }) => {
    const take = () => {
      close(true);
      void runOnMessage(name, message.id);
    };
    return h('button', { type: 'button', role: 'menuitem', class: 'menu-item', onclick: take }, localized(name, names));
  });
  if (items.length === 0) return false;
  const root = h(
    'div',
    { class: 'menu', role: 'menu', 'aria-label': 'Apps' },
    h('div', { class: 'menu-title', 'aria-hidden': 'true' }, 'Apps'),
    items,
  );
  root.addEventListener('keydown', onKey);
  document.body.append(root);
  root.style.left = `${Math.max(MARGIN, Math.min(x, innerWidth - root.offsetWidth - MARGIN))}px`;
  root.style.top = `${Math.max(MARGIN, Math.min(y, innerHeight - root.offsetHeight - MARGIN))}px`;
  open = { root, opener };
  items[0]?.focus();
  return true;
}

/** A right click, or the menu key on anything within the message. @param {HTMLElement} el @param {Message} message */
export function withMenu(el, message) {
  el.addEventListener('contextmenu', (event) => {
    const opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    if (show(message, { x: event.clientX, y: event.clientY, opener })) event.preventDefault();
  });
  return el;
}

/** Discord shows it when the pointer or the focus is on the message. @param {Message} message */
export function menuButton(message) {
  if (!hasMenu(message)) return null;
  const button = h(
    'button',
    {
      type: 'button',
      class: 'icon-button message-more',
      'data-focus': 'more',
      'aria-haspopup': 'menu',
      'aria-label': 'Apps for this message',
      title: 'Apps',
    },
    icon('more'),
  );
  button.addEventListener('click', () => {
    const { right, bottom } = button.getBoundingClientRect();
    show(message, { x: right - 200, y: bottom, opener: button });
  });
  return button;
}

export function startMenus() {
  document.addEventListener('pointerdown', ({ target }) => {
    if (open && target instanceof Node && !open.root.contains(target)) close();
  });
  addEventListener('blur', () => close());
}
