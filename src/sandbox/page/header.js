import { byId, h, icon } from './dom.js';
import { change, channelById, isThread, kindOf, me, nameOf, onChange, pingsFor, store } from './store.js';

/** @import { Channel } from './types.d.ts' */

/** What Discord shows beside the name. @param {Channel | undefined} channel */
function topicOf(channel) {
  if (channel?.locked) return 'This thread is locked: it is archived, and only who may manage threads writes here.';
  if (channel?.archived) return 'This thread is archived: a message opens it again.';
  if (kindOf(channel) === 'person') return `Only ${store.as} and the bot read this.`;
  return channel?.topic ?? '';
}

function showTitle() {
  const channel = channelById(store.channelId);
  const kind = kindOf(channel);
  const name = nameOf(channel);
  const parent = channel?.parent_id && isThread(channel) ? channelById(channel.parent_id) : undefined;
  const account = me();
  const pings = account ? pingsFor(account) : 0;
  document.title = `${pings ? `(${pings}) ` : ''}${kind === 'hash' ? '#' : ''}${name || 'Verne'} · Verne sandbox`;
  const topic = byId('channel-topic', HTMLElement);
  topic.textContent = topicOf(channel);
  topic.title = topic.textContent;
  const title = byId('channel-title', HTMLElement);
  const print = JSON.stringify([kind, name, parent?.name]);
  if (title.dataset.print === print) return;
  title.dataset.print = print;
  title.replaceChildren(
    icon(kind),
    ...(parent ? [drawParent(parent), ' › '] : []),
    h('span', { class: 'channel-title-name' }, name),
  );
}

/** @param {Channel} parent */
function drawParent(parent) {
  const props = { type: 'button', class: 'text-button', onclick: () => change({ channelId: parent.id }) };
  return h('button', props, parent.name);
}

/** When the sandbox was last heard. */
let heardAt = Date.now();

function showConnection() {
  if (!store.gone) heardAt = Date.now();
  byId('gone', HTMLElement).hidden = !store.gone;
  const seconds = Math.round((Date.now() - heardAt) / 1000);
  // A number that counts would be read out anew each second; it stands outside of what is announced.
  byId('gone-since', HTMLElement).textContent = store.gone && seconds > 2 ? `${seconds} s` : '';
}

export function startHeader() {
  onChange(showTitle);
  onChange(showConnection);
  setInterval(showConnection, 1000);
}
