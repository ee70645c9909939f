import { byId, reconcile } from './dom.js';
import { drawMessage, isSilent, printOf } from './message.js';
import { drawBeginning, drawDay, drawFailure, drawNew, drawPending } from './rows.js';
import { channelById, isEphemeral, messagesIn, nameOf, onChange, store } from './store.js';
import { drawSystemLine, isSystemLine } from './system-line.js';
import { timeOf } from './time.js';
import { startTyping } from './typing.js';
import { waiting } from './waiting.js';

/** @import { Message } from './types.d.ts' */
/** @typedef {{ key: string, print: string, draw: () => HTMLElement }} Item */

const GROUP_MS = 7 * 60_000;
const NEAR_BOTTOM_PX = 80;

const where = () => `${store.as}/${store.channelId}`;

/** Newest message that was looked at, by person and channel, and after which one "New" stands now. */
const read = { newest: /** @type {Map<string, string>} */ (new Map()), shown: '', after: '' };

/** @param {Message} message */
const dayKey = (message) => new Date(timeOf(message.id)).toDateString();

/** @param {Message} message @param {Message | undefined} before */
function follows(message, before) {
  return (
    before !== undefined &&
    before.author.id === message.author.id &&
    !isSystemLine(before) &&
    !message.reference &&
    !message.interaction_metadata?.name &&
    isEphemeral(before) === isEphemeral(message) &&
    isSilent(before) === isSilent(message) &&
    timeOf(message.id) - timeOf(before.id) < GROUP_MS
  );
}

/** The line stands where reading stopped, until the person leaves the channel. @param {Message[]} messages */
function markRead(messages) {
  const isLooking = document.visibilityState === 'visible' && document.hasFocus();
  const last = messages.at(-1)?.id ?? '';
  if (read.shown !== where()) {
    const known = read.newest.get(where());
    read.after = known && known !== last ? known : '';
    read.shown = where();
  } else if (!isLooking && !read.after) read.after = read.newest.get(where()) ?? '';
  // Who writes has read.
  if (isLooking && messages.at(-1)?.author.name === store.as) read.after = '';
  if (isLooking) read.newest.set(where(), last);
}

/** @param {Message[]} messages @param {number} at */
function isFirstUnread(messages, at) {
  const before = messages[at - 1];
  return read.after !== '' && before?.id === read.after && messages[at]?.author.name !== store.as;
}

/** @param {Message[]} messages @param {number[]} failuresMs when something failed, which stands between messages @returns {Item[]} */
function messageItems(messages, failuresMs) {
  return messages.flatMap((message, at) => {
    const before = messages[at - 1];
    const isNewDay = before !== undefined && dayKey(before) !== dayKey(message);
    const isUnread = isFirstUnread(messages, at);
    const isParted = before && failuresMs.some((ms) => timeOf(before.id) < ms && ms <= timeOf(message.id));
    const joined = !isNewDay && !isUnread && !isParted && follows(message, before);
    const row = isSystemLine(message)
      ? { print: JSON.stringify(message), draw: () => drawSystemLine(message) }
      : { print: printOf(message, joined), draw: () => drawMessage(message, joined) };
    return [
      ...(isNewDay ? [{ key: `day ${message.id}`, print: 'day', draw: () => drawDay(timeOf(message.id)) }] : []),
      ...(isUnread ? [{ key: 'new', print: message.id, draw: drawNew }] : []),
      { key: message.id, ...row },
    ];
  });
}

/** A failure is named after the moment in which it was heard of. @param {string} id */
const atOf = (id) => Number(id.replace('failure-', ''));

/** Failures stand where they happened, not always last. @param {Item[]} rows @param {(Item & { atMs: number })[]} failures */
function between(rows, failures) {
  const rest = [...failures];
  /** @param {Item} row */
  const earlier = (row) => {
    const rowAtMs = /^\d+$/.test(row.key) ? timeOf(row.key) : 0;
    const at = rest.findIndex((one) => one.atMs > rowAtMs);
    return rest.splice(0, at < 0 ? rest.length : at);
  };
  return [...rows.flatMap((row) => [...earlier(row), row]), ...rest];
}

/** @returns {Item[]} */
function items() {
  const messages = messagesIn(store.channelId).filter((one) => !waiting.dismissed.has(one.id));
  markRead(messages);
  const shown = new Set(messages.map((one) => one.id));
  /** @param {{ channelId: string, as: string }} one */
  const isHere = (one) => one.channelId === store.channelId && one.as === store.as;
  const failures = store.failures.filter((one) => isHere(one) && !(one.message && shown.has(one.message)));
  return [
    {
      key: 'top',
      print: `${store.channelId} ${nameOf(channelById(store.channelId))} ${store.state.messages.some((one) => one.id === store.channelId)}`,
      draw: () => drawBeginning(store.channelId),
    },
    ...between(
      messageItems(
        messages,
        failures.map((one) => atOf(one.id)),
      ),
      failures.map((one) => ({ key: one.id, print: one.text, draw: () => drawFailure(one), atMs: atOf(one.id) })),
    ),
    ...waiting.pending.filter(isHere).map((one) => ({ key: one.id, print: '', draw: () => drawPending(one) })),
  ];
}

/** @param {HTMLElement} el */
const sizeOf = (el) => `${el.scrollHeight} ${el.clientHeight}`;

/** Where the newest message stays in view: at the bottom, unless the person scrolled up to read. */
export function startTimeline() {
  const scroller = byId('scroller', HTMLElement);
  const list = byId('messages', HTMLElement);
  startTyping();
  // The list keeps its own role, so that its rows are counted; the box around it is the log.
  scroller.setAttribute('role', 'log');
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
    // Another channel is not news: it must not be read out as if every message had just come.
    scroller.setAttribute('aria-live', where() === shown ? 'polite' : 'off');
    if (where() !== shown) {
      sticks = true;
      list.replaceChildren();
    }
    shown = where();
    reconcile(list, items());
    toBottom();
  });
}
