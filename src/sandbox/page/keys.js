import { byId } from './dom.js';
import { isPanelOpen, setPanel } from './drawers.js';
import { channelsInOrder } from './sidebar.js';
import { change, store, unreadIn } from './store.js';

/** @param {number} step @param {(id: string) => boolean} [fits] */
function goBy(step, fits = () => true) {
  const all = channelsInOrder();
  const at = all.indexOf(store.channelId);
  const after = all.map((_, offset) => all.at((at + step * (offset + 1)) % all.length) ?? '');
  const found = after.find((id) => id !== store.channelId && fits(id));
  if (found) change({ channelId: found });
}

/** @param {string} id */
const isUnread = (id) => unreadIn(id).count > 0;

/** By the place of the key, since a layout may write something else with Alt. @type {Record<string, (event: KeyboardEvent) => void>} */
const WITH_ALT = {
  ArrowUp: ({ shiftKey }) => goBy(-1, shiftKey ? isUnread : undefined),
  ArrowDown: ({ shiftKey }) => goBy(1, shiftKey ? isUnread : undefined),
  KeyP: () => setPanel(!isPanelOpen()),
  KeyM: () => byId('composer-input', HTMLElement).focus(),
};

/** @param {string} code */
function personOf(code) {
  const digit = /^Digit([1-9])$/.exec(code)?.[1];
  return digit ? store.state.accounts[Number(digit) - 1]?.name : undefined;
}

/** @param {EventTarget | null} target */
const isField = (target) =>
  target instanceof Element && target.matches('input:not([type=radio]), textarea, select, [contenteditable]');

/** @param {KeyboardEvent} event */
function actionOf(event) {
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    const as = personOf(event.code);
    return as ? () => change({ as }) : WITH_ALT[event.code];
  }
  const asksForHelp = (event.key === '?' && !isField(event.target)) || (event.ctrlKey && event.key === '/');
  return asksForHelp ? () => byId('help', HTMLDialogElement).showModal() : undefined;
}

export function startKeys() {
  const help = byId('help', HTMLDialogElement);
  // What scrolls must be reached by the keys that scroll it.
  byId('scroller', HTMLElement).tabIndex = 0;
  document.addEventListener('keydown', (event) => {
    if (document.querySelector('dialog[open]')) return;
    const act = actionOf(event);
    if (!act) return;
    event.preventDefault();
    act(event);
  });
  byId('open-help', HTMLButtonElement).addEventListener('click', () => help.showModal());
  byId('close-help', HTMLButtonElement).addEventListener('click', () => help.close());
}
