import { byId, h, icon, reconcile } from './dom.js';
import { drawMessage, printOf } from './message.js';
import { change, channelById, isEphemeral, kindOf, messagesIn, nameOf, onChange, store } from './store.js';
import { timeOf } from './time.js';

/** @import { Message } from './types.d.ts' */

const GROUP_MS = 7 * 60_000;
const NEAR_BOTTOM_PX = 80;

/** @param {Message} message @param {Message | undefined} before */
function follows(message, before) {
  return (
    before !== undefined &&
    before.author.id === message.author.id &&
    !message.reference &&
    !message.interaction_metadata?.name &&
    isEphemeral(before) === isEphemeral(message) &&
    timeOf(message.id) - timeOf(before.id) < GROUP_MS
  );
}

/** @param {typeof store.failures[number]} failure */
function drawFailure({ id, title, text }) {
  return h(
    'li',
    { class: 'message failure', role: 'alert' },
    h('span', { class: 'gutter' }, icon('warning')),
    h(
      'div',
      { class: 'message-body' },
      h('div', { class: 'failure-title' }, title),
      h('div', { class: 'failure-text' }, text),
      h(
        'div',
        { class: 'only-you' },
        icon('eye'),
        'Only you can see this • ',
        h('button', { type: 'button', class: 'text-button', onclick: () => dismiss(id) }, 'Dismiss'),
      ),
    ),
  );
}

/** @param {string} id */
function dismiss(id) {
  change({ failures: store.failures.filter((one) => one.id !== id) });
}

/** @param {string} channelId */
function drawBeginning(channelId) {
  const channel = channelById(channelId);
  const name = nameOf(channel);
  const kind = kindOf(channel);
  const said =
    kind === 'person'
      ? `This is the beginning of your direct messages with ${name}.`
      : `This is the start of ${kind === 'thread' ? `the thread ${name}` : `#${name}`}.`;
  return h(
    'li',
    { class: 'beginning' },
    h('span', { class: 'beginning-icon' }, icon(kind)),
    h('h2', {}, name),
    h('p', {}, said),
  );
}

function items() {
  const messages = messagesIn(store.channelId);
  const rows = messages.map((message, at) => {
    const joined = follows(message, messages[at - 1]);
    return { key: message.id, print: printOf(message, joined), draw: () => drawMessage(message, joined) };
  });
  const failures = store.failures
    .filter((one) => one.channelId === store.channelId && one.as === store.as)
    .map((one) => ({ key: one.id, print: one.text, draw: () => drawFailure(one) }));
  const top = {
    key: 'top',
    print: `${store.channelId} ${nameOf(channelById(store.channelId))}`,
    draw: () => drawBeginning(store.channelId),
  };
  return [top, ...rows, ...failures];
}

/** @param {HTMLElement} el */
const sizeOf = (el) => `${el.scrollHeight} ${el.clientHeight}`;

/** Where the newest message stays in view: at the bottom, unless the person scrolled up to read. */
export function startTimeline() {
  const scroller = byId('scroller', HTMLElement);
  const list = byId('messages', HTMLElement);
  let shown = '';
  let sticks = true;
  let size = '';
  scroller.addEventListener('scroll', () => {
    // A scroll that the page caused by growing or shrinking says nothing about where the person wants to be.
    const now = sizeOf(scroller);
    if (now === size) sticks = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_BOTTOM_PX;
  });
  const toBottom = () => {
    if (sticks) scroller.scrollTop = scroller.scrollHeight;
    size = sizeOf(scroller);
  };
  new ResizeObserver(toBottom).observe(list);
  new ResizeObserver(toBottom).observe(scroller);
  onChange(() => {
    const where = `${store.as}/${store.channelId}`;
    // Another channel is not news: it must not be read out as if every message had just come.
    list.setAttribute('aria-live', where === shown ? 'polite' : 'off');
    if (where !== shown) {
      sticks = true;
      list.replaceChildren();
    }
    shown = where;
    reconcile(list, items());
    toBottom();
  });
}
