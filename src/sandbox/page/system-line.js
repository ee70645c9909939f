import { h, icon } from './dom.js';
import { change, channelById, store } from './store.js';
import { dayAndClock, timeOf } from './time.js';

/** @import { Message } from './types.d.ts' */

/** Messages that Discord itself writes. @type {Record<number, { icon: 'pin' | 'thread', says: (message: Message) => (Node | string)[] }>} */
const LINES = {
  6: { icon: 'pin', says: () => [' pinned a message to this channel.'] },
  18: { icon: 'thread', says: (message) => [' started a thread: ', threadButton(message)] },
};

/** @param {Message} message */
export const isSystemLine = ({ type = 0 }) => LINES[type] !== undefined;

/** The thread that a message tells of; where it does not refer to it, by its name. @param {Message} message */
function threadOf({ content, reference, channel_id: home }) {
  const id = typeof reference === 'object' ? reference?.channel_id : undefined;
  if (id) return channelById(id);
  return store.state.channels.findLast((one) => one.parent_id === home && one.name === content);
}

/** @param {Message} message */
function threadButton(message) {
  const thread = threadOf(message);
  if (!thread) return h('strong', {}, message.content);
  const go = () => change({ channelId: thread.id });
  return h('button', { type: 'button', class: 'text-button', 'data-focus': 'thread', onclick: go }, thread.name);
}

/** @param {Message} message */
export function drawSystemLine(message) {
  const line = LINES[message.type ?? 0];
  const at = timeOf(message.id);
  return h(
    'li',
    { class: 'message system-line', 'data-message-id': message.id },
    h('span', { class: 'gutter' }, line ? icon(line.icon) : null),
    h(
      'div',
      { class: 'message-body' },
      h('strong', {}, message.author.name),
      line?.says(message) ?? [],
      ' ',
      h('time', { class: 'message-time', datetime: new Date(at).toISOString() }, dayAndClock(at)),
    ),
  );
}
