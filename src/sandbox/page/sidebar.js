import { byId, h, icon, reconcile } from './dom.js';
import { closeDrawers } from './drawers.js';
import {
  change,
  isDm,
  isThread,
  kindOf,
  nameOf,
  onChange,
  pingsIn,
  store,
  unreadIn,
  visibleChannels,
} from './store.js';

/** @import { Channel } from './types.d.ts' */

const COLLAPSED = 'verne.collapsed';

/** Ids of what is folded: a category, or the threads of a channel. */
const collapsed = new Set((localStorage.getItem(COLLAPSED) ?? '').split(' ').filter(Boolean));

/** @param {string} id */
function fold(id) {
  if (!collapsed.delete(id)) collapsed.add(id);
  localStorage.setItem(COLLAPSED, [...collapsed].join(' '));
  change({});
}

/** What stands behind the name: that a thread is closed, and how often one is called there. @param {{ channel: Channel, count: number, pings: number }} facts */
function drawMarks({ channel, count, pings }) {
  return [
    channel.archived && !channel.locked && mark('archive', 'archived'),
    channel.locked && mark('lock', 'locked'),
    pings > 0 && h('span', { class: 'badge' }, pings, h('span', { class: 'sr-only' }, ' mentions of you')),
    count > 0 && pings === 0 && h('span', { class: 'sr-only' }, 'unread'),
  ];
}

/** @param {'archive' | 'lock'} sign @param {string} word */
function mark(sign, word) {
  return h(
    'span',
    { class: 'channel-mark', title: `This thread is ${word}` },
    icon(sign),
    h('span', { class: 'sr-only' }, word),
  );
}

/** @param {Channel} channel @param {number} threads how many stand under it */
function entry(channel, threads = 0) {
  const here = channel.id === store.channelId;
  const count = here ? 0 : unreadIn(channel.id).count;
  const pings = here ? 0 : pingsIn(channel.id);
  const kind = kindOf(channel);
  const closed = channel.archived || channel.locked;
  const classes = ['channel', kind, here && 'here', count > 0 && 'unread', closed && 'closed']
    .filter(Boolean)
    .join(' ');
  const props = {
    type: 'button',
    class: classes,
    'aria-current': here ? 'page' : undefined,
    'data-channel-id': channel.id,
    'data-focus': 'open',
    onclick: () => {
      closeDrawers();
      change({ channelId: channel.id });
    },
  };
  const name = h('span', { class: 'channel-name' }, nameOf(channel));
  return {
    key: channel.id,
    print: JSON.stringify([nameOf(channel), classes, pings, channel.locked, threads, collapsed.has(channel.id)]),
    draw: () =>
      h(
        'li',
        { class: 'channel-row' },
        h('button', props, icon(kind), name, drawMarks({ channel, count, pings })),
        threads > 0 && drawFold(channel, threads),
      ),
  };
}

/** @param {Channel} channel @param {number} threads */
function drawFold(channel, threads) {
  const open = !collapsed.has(channel.id);
  const props = {
    type: 'button',
    class: 'fold',
    'aria-expanded': String(open),
    'aria-label': `Threads of ${channel.name} (${threads})`,
    'data-focus': 'fold',
    onclick: () => fold(channel.id),
  };
  return h('button', props, icon('chevron'));
}

/** Folded away is only what has nothing new and is not being read. @param {Channel} channel */
const mustShow = (channel) => channel.id === store.channelId || unreadIn(channel.id).count > 0;

/** Threads stand under the channel in which they were made. @param {Channel[]} channels */
function nested(channels) {
  return channels
    .filter((one) => !isDm(one) && !isThread(one))
    .flatMap((one) => {
      const threads = channels.filter((thread) => isThread(thread) && thread.parent_id === one.id);
      const shown = collapsed.has(one.id) ? threads.filter(mustShow) : threads;
      return [entry(one, threads.length), ...shown.map((thread) => entry(thread))];
    });
}

/** A heading whose button folds the list below it. @param {string} listId */
function startCategory(listId) {
  const button = byId(`fold-${listId}`, HTMLButtonElement);
  button.addEventListener('click', () => fold(listId));
  return () => button.setAttribute('aria-expanded', String(!collapsed.has(listId)));
}

/** In the order in which they are listed, for the keys that go up and down. */
export function channelsInOrder() {
  return [...document.querySelectorAll('#sidebar [data-channel-id]')].map(
    (el) => el.getAttribute('data-channel-id') ?? '',
  );
}

export function startSidebar() {
  const showCategories = ['channels', 'dms'].map(startCategory);
  onChange(() => {
    byId('guild-name', HTMLElement).textContent = store.state.guilds[0]?.name ?? 'Verne sandbox';
    const channels = visibleChannels();
    const dms = channels.filter(isDm);
    const rows = nested(channels);
    const shows = new Set(channels.filter(mustShow).map(({ id }) => id));
    const kept = collapsed.has('channels') ? rows.filter(({ key }) => shows.has(key)) : rows;
    const keptDms = collapsed.has('dms') ? dms.filter(mustShow) : dms;
    reconcile(byId('channels', HTMLElement), kept);
    reconcile(
      byId('dms', HTMLElement),
      keptDms.map((one) => entry(one)),
    );
    byId('no-dms', HTMLElement).hidden = dms.length > 0;
    for (const show of showCategories) show();
  });
}
