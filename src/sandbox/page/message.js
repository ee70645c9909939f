import { avatar } from './avatar.js';
import { drawComponents } from './components.js';
import { h, icon } from './dom.js';
import { drawAttachment, drawEmbed } from './embed.js';
import { markdown } from './markdown.js';
import { change, channelById, isEphemeral, personName, pingsMe, store } from './store.js';
import { clock, dayAndClock, timeOf } from './time.js';

/** @import { Message } from './types.d.ts' */

const LOADING = 128;

/** @param {Message} message */
function referenced(message) {
  const id = typeof message.reference === 'string' ? message.reference : message.reference?.message_id;
  return id ? { id, message: store.state.messages.find((one) => one.id === id) } : undefined;
}

/** Everything a row is drawn from, besides the message itself. @param {Message} message @param {boolean} follows */
export function printOf(message, follows) {
  const original = referenced(message)?.message;
  const thread = channelById(message.id);
  return JSON.stringify([message, follows, pingsMe(message), store.as, original && gist(original), thread?.name]);
}

/** @param {Message} message @param {boolean} follows whether the message above is by the same author */
export function drawMessage(message, follows) {
  const ephemeral = isEphemeral(message);
  const classes = ['message', follows && 'follows', ephemeral && 'ephemeral', pingsMe(message) && 'pings-me'];
  const at = timeOf(message.id);
  const head = h(
    'div',
    { class: 'message-head' },
    h('span', { class: message.author.bot ? 'author bot' : 'author' }, message.author.name),
    message.author.bot ? h('span', { class: 'tag' }, icon('check'), 'APP') : null,
    h('time', { class: 'message-time', datetime: new Date(at).toISOString() }, dayAndClock(at)),
  );
  return h(
    'li',
    { class: classes.filter(Boolean).join(' '), 'data-message-id': message.id },
    drawReference(message),
    follows
      ? h('time', { class: 'gutter-time', datetime: new Date(at).toISOString() }, clock(at))
      : h('span', { class: 'gutter' }, avatar(message.author)),
    h(
      'div',
      { class: 'message-body' },
      follows ? null : head,
      drawContent(message),
      message.embeds.map(drawEmbed),
      message.attachments.map(drawAttachment),
      drawComponents(message.components, message),
      drawThreadLink(message),
      ephemeral ? h('div', { class: 'only-you' }, icon('eye'), 'Only you can see this') : null,
    ),
  );
}

/** @param {Message} message */
function drawContent(message) {
  if (message.flags & LOADING) return h('div', { class: 'thinking' }, `${message.author.name} is thinking…`);
  if (!message.content) return null;
  const el = markdown(message.content);
  if (message.edited_timestamp) el.append(h('span', { class: 'edited' }, '(edited)'));
  return el;
}

/** The first words of a message, for those that refer to it. @param {Message} message */
function gist(message) {
  const embed = message.embeds[0];
  return message.content || embed?.title || embed?.description || 'Click to see attachment';
}

/** @param {Message} message */
function drawReference(message) {
  const asked = message.interaction_metadata;
  if (asked?.name) {
    const name = personName(asked.user.id) ?? asked.user.username ?? '';
    return h(
      'div',
      { class: 'reference' },
      avatar({ id: asked.user.id, name }),
      h('strong', {}, name),
      ' used ',
      h('span', { class: 'mention' }, `/${asked.name}`),
    );
  }
  const reference = referenced(message);
  if (!reference) return null;
  const original = reference.message;
  if (!original) return h('div', { class: 'reference' }, h('em', {}, 'Original message was deleted'));
  const text = markdown(gist(original).split('\n')[0] ?? '').textContent ?? '';
  return h(
    'button',
    { type: 'button', class: 'reference', 'data-focus': 'reference', onclick: () => jumpTo(reference.id) },
    avatar(original.author),
    h('strong', {}, original.author.name),
    h('span', { class: 'reference-text' }, text),
  );
}

/** @param {string} id */
function jumpTo(id) {
  const row = document.querySelector(`[data-message-id="${CSS.escape(id)}"]`);
  row?.scrollIntoView({ block: 'center' });
  row?.classList.add('flash');
  setTimeout(() => row?.classList.remove('flash'), 1500);
}

/** A thread made from a message has that message's id. @param {Message} message */
function drawThreadLink(message) {
  const thread = channelById(message.id);
  if (!thread) return null;
  return h(
    'button',
    { type: 'button', class: 'thread-link', 'data-focus': 'thread', onclick: () => change({ channelId: thread.id }) },
    icon('thread'),
    h('strong', {}, thread.name),
    h('span', { class: 'thread-link-open' }, 'See thread ›'),
  );
}
