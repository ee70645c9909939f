import { avatar } from './avatar.js';
import { theBot } from './bot.js';
import { h, icon } from './dom.js';
import { words } from './markdown.js';
import { dots, onlyYou } from './message.js';
import { gistText, usedCommand } from './reference.js';
import { change, channelById, kindOf, me, nameOf, store } from './store.js';
import { dayOf } from './time.js';

/** @import { Pending } from './waiting.js' */
/** @typedef {typeof store.failures[number]} Failure */

/** Rows of the timeline that are no messages. */

/** @param {string} name */
function asked(name) {
  const account = me();
  return account ? usedCommand(account, name) : null;
}

/** A command that is on its way. @param {Pending} pending */
export function drawPending({ name }) {
  return h(
    'li',
    { class: 'message pending' },
    asked(name),
    h('span', { class: 'gutter' }, avatar(theBot())),
    h(
      'div',
      { class: 'message-body' },
      h('div', { class: 'message-head' }, h('span', { class: 'author bot' }, theBot().name)),
      h('div', { class: 'thinking' }, dots(), 'Sending command…'),
    ),
  );
}

/** @param {Failure} failure */
export function drawFailure({ id, title, text, command }) {
  return h(
    'li',
    { class: 'message failure' },
    command ? asked(command) : null,
    h('span', { class: 'gutter' }, command ? avatar(theBot()) : icon('warning')),
    h(
      'div',
      { class: 'message-body', role: 'alert' },
      command
        ? h('div', { class: 'message-head' }, h('span', { class: 'author bot' }, theBot().name))
        : h('div', { class: 'failure-title' }, title),
      h('div', { class: 'failure-text' }, command ? icon('warning') : null, text),
      command ? h('div', { class: 'hint' }, 'The arrow key ↑ in the composer brings the command back.') : null,
      onlyYou(id),
    ),
  );
}

/** @param {string} channelId */
export function drawBeginning(channelId) {
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
    kind === 'thread' ? startedFrom(channelId) : null,
  );
}

/** The message that a thread was made from has its id, and stands in the channel above. @param {string} threadId */
function startedFrom(threadId) {
  const starter = store.state.messages.find((one) => one.id === threadId);
  if (!starter) return null;
  const go = () => change({ channelId: starter.channel_id });
  return h(
    'p',
    { class: 'started-from' },
    'Started by ',
    h('strong', {}, starter.author.name),
    ' from ',
    h(
      'button',
      { type: 'button', class: 'text-button', 'data-focus': 'starter', onclick: go },
      words(gistText(starter)),
    ),
  );
}

/** @param {number} atMs */
export const drawDay = (atMs) => h('li', { class: 'divider' }, h('span', {}, dayOf(atMs)));

export const drawNew = () =>
  h(
    'li',
    { class: 'divider new' },
    h('span', {}, h('span', { class: 'sr-only' }, 'Unread messages from here on: '), 'New'),
  );
