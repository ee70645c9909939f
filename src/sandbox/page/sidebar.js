import { byId, h, icon, reconcile } from './dom.js';
import { change, isDm, isThread, kindOf, nameOf, onChange, store, unreadIn, visibleChannels } from './store.js';

/** @import { Channel } from './types.d.ts' */

/** @param {Channel} channel */
function entry(channel) {
  const here = channel.id === store.channelId;
  const { count, pings } = here ? { count: 0, pings: 0 } : unreadIn(channel.id);
  const kind = kindOf(channel);
  const classes = ['channel', kind, here && 'here', count > 0 && 'unread'].filter(Boolean).join(' ');
  const props = {
    type: 'button',
    class: classes,
    'aria-current': here ? 'page' : undefined,
    'data-channel-id': channel.id,
    'data-focus': 'open',
    onclick: () => {
      byId('app', HTMLElement).classList.remove('sidebar-open');
      change({ channelId: channel.id });
    },
  };
  return {
    key: channel.id,
    print: JSON.stringify([nameOf(channel), classes, pings]),
    draw: () =>
      h(
        'li',
        {},
        h(
          'button',
          props,
          icon(kind),
          h('span', { class: 'channel-name' }, nameOf(channel)),
          pings > 0 && h('span', { class: 'badge', 'aria-label': `${pings} mentions` }, pings),
          count > 0 && pings === 0 && h('span', { class: 'sr-only' }, 'unread'),
        ),
      ),
  };
}

/** Threads stand under the channel in which they were made. @param {Channel[]} channels */
function nested(channels) {
  return channels
    .filter((one) => !isDm(one) && !isThread(one))
    .flatMap((one) => [one, ...channels.filter((thread) => isThread(thread) && thread.parent_id === one.id)]);
}

export function startSidebar() {
  const app = byId('app', HTMLElement);
  byId('open-sidebar', HTMLButtonElement).addEventListener('click', () => app.classList.toggle('sidebar-open'));
  byId('shade', HTMLElement).addEventListener('click', () => app.classList.remove('sidebar-open', 'panel-open'));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') app.classList.remove('sidebar-open', 'panel-open');
  });
  onChange(() => {
    byId('guild-name', HTMLElement).textContent = store.state.guilds[0]?.name ?? 'Verne sandbox';
    const channels = visibleChannels();
    const dms = channels.filter(isDm);
    reconcile(byId('channels', HTMLElement), nested(channels).map(entry));
    reconcile(byId('dms', HTMLElement), dms.map(entry));
    byId('no-dms', HTMLElement).hidden = dms.length > 0;
  });
}
