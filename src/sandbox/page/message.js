import { drawAttachment } from './attachment.js';
import { avatar } from './avatar.js';
import { drawComponents } from './components.js';
import { h, icon } from './dom.js';
import { drawEmbed } from './embed.js';
import { emoji } from './emoji.js';
import { markdown } from './markdown.js';
import { attachmentAt } from './media.js';
import { hasMenu, menuButton, withMenu } from './menu.js';
import { drawReference, gist, referenced } from './reference.js';
import { change, channelById, isEphemeral, pingsMe, store } from './store.js';
import { clock, dayAndClock, fullTime, timeOf } from './time.js';
import { dismiss } from './waiting.js';

/** @import { Message } from './types.d.ts' */

const LOADING = 128;
const SILENT = 4096;
const COMPONENTS_V2 = 1 << 15;

/** @param {Message} message */
export const isSilent = ({ flags }) => (flags & SILENT) !== 0;

/** Everything a row is drawn from, besides the message itself. @param {Message} message @param {boolean} follows */
export function printOf(message, follows) {
  const original = referenced(message)?.message;
  const thread = channelById(message.id);
  const beside = [original && gist(original), thread && [thread.name, threadLength(thread.id)], failureOf(message)?.id];
  return JSON.stringify([message, follows, pingsMe(message), store.as, beside, hasMenu(message)]);
}

/** @param {Message} message @param {boolean} follows whether the message above is by the same author */
export function drawMessage(message, follows) {
  const ephemeral = isEphemeral(message);
  const classes = ['message', follows && 'follows', ephemeral && 'ephemeral', pingsMe(message) && 'pings-me'];
  const at = timeOf(message.id);
  const when = { datetime: new Date(at).toISOString(), title: fullTime(at) };
  const el = h(
    'li',
    { class: classes.filter(Boolean).join(' '), 'data-message-id': message.id },
    drawReference(message),
    follows
      ? h('time', { class: 'gutter-time', ...when }, clock(at))
      : h('span', { class: 'gutter' }, avatar(message.author)),
    h(
      'div',
      { class: 'message-body' },
      follows ? null : drawHead(message, h('time', { class: 'message-time', ...when }, dayAndClock(at))),
      drawContent(message),
      message.embeds.map((embed) => drawEmbed(embed, message)),
      looseAttachments(message).map((one) => drawAttachment(one, message)),
      drawComponents(message.components, message),
      drawFailed(message),
      drawReactions(message),
      drawThreadLink(message),
      ephemeral ? onlyYou(message.id) : null,
    ),
    menuButton(message),
  );
  return withMenu(el, message);
}

/** @param {Message} message @param {HTMLElement} time */
function drawHead(message, time) {
  const { author } = message;
  return h(
    'div',
    { class: 'message-head' },
    h('span', { class: author.bot ? 'author bot' : 'author' }, author.name),
    author.bot ? h('span', { class: 'tag' }, icon('check'), 'APP') : null,
    time,
    isSilent(message)
      ? h(
          'span',
          { class: 'silent', title: 'This is a @silent message.' },
          icon('silent'),
          h('span', { class: 'sr-only' }, 'Silent'),
        )
      : null,
  );
}

/** @param {Message} message */
function drawContent(message) {
  if (message.flags & LOADING) {
    return h('div', { class: 'thinking' }, dots(), `${message.author.name} is thinking…`);
  }
  const edited = message.edited_timestamp
    ? h('span', { class: 'edited', title: fullTime(Date.parse(message.edited_timestamp)) }, '(edited)')
    : null;
  if (!message.content) return message.flags & COMPONENTS_V2 ? null : edited;
  const el = markdown(message.content);
  if (edited) el.append(edited);
  return el;
}

export const dots = () => h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i', {}), h('i', {}), h('i', {}));

/** What no embed shows already; beside the newer components only what they name is shown. @param {Message} message */
function looseAttachments(message) {
  if (message.flags & COMPONENTS_V2) return [];
  const urls = message.embeds.flatMap(({ image, thumbnail }) => [image?.url, thumbnail?.url]);
  const placed = new Set(urls.map((url) => url && attachmentAt(url, message)));
  return message.attachments.filter((one) => !placed.has(one));
}

/** @param {Message} message */
function drawReactions({ reactions = [] }) {
  if (reactions.length === 0) return null;
  return h(
    'ul',
    { class: 'reactions', 'aria-label': 'Reactions' },
    reactions.map((one) => {
      const name = one.emoji.id ? `:${one.emoji.name}:` : (one.emoji.name ?? '');
      return h('li', { class: 'reaction' }, emoji(name), h('span', { class: 'reaction-count' }, one.count));
    }),
  );
}

/** @param {string} id of what is dismissed */
export function onlyYou(id) {
  return h(
    'div',
    { class: 'only-you' },
    icon('eye'),
    'Only you can see this · ',
    h(
      'button',
      { type: 'button', class: 'text-button', 'data-focus': 'dismiss', onclick: () => dismiss(id) },
      'Dismiss message',
    ),
  );
}

/** @param {string} id */
const threadLength = (id) => store.state.messages.filter((one) => one.channel_id === id).length;

/** What came of the last press on it, if nobody answered. @param {Message} message */
const failureOf = ({ id }) => store.failures.findLast((one) => one.message === id && one.as === store.as);

/** @param {Message} message */
function drawFailed(message) {
  const failure = failureOf(message);
  if (!failure) return null;
  return h('div', { class: 'failure inline', role: 'alert' }, icon('warning'), `${failure.title}: ${failure.text}`);
}

/** A thread made from a message has that message's id. @param {Message} message */
function drawThreadLink(message) {
  const thread = channelById(message.id);
  if (!thread) return null;
  const count = threadLength(thread.id);
  const said = count === 1 ? '1 message ›' : count > 1 ? `${count} messages ›` : 'See thread ›';
  return h(
    'button',
    { type: 'button', class: 'thread-link', 'data-focus': 'thread', onclick: () => change({ channelId: thread.id }) },
    icon('thread'),
    h('strong', {}, thread.name),
    h('span', { class: 'thread-link-open' }, said),
  );
}
