import { isEphemeral, isNewer, store } from './store.js';

/** @import { Component, Message } from './types.d.ts' */

const SINCE = 'verne.welcome.since';
const VERB = /^v1:/;
const CONFIRM = /^v1:confirm:/;

/** What came before the person began anew does not count: the newest message of then, and how many sessions there were. */
function since() {
  const [message = '', sessions = '0'] = (sessionStorage.getItem(SINCE) ?? '').split(' ');
  const known = Number(sessions);
  // Another sandbox has begun from nothing.
  return { message, sessions: known <= store.state.sessions.length ? known : 0 };
}

export function beginAnew() {
  const newest = store.state.messages.reduce((last, { id }) => (isNewer(id, last) ? id : last), '');
  sessionStorage.setItem(SINCE, `${newest} ${store.state.sessions.length}`);
}

/** @param {Component} component @returns {string[]} */
function idsIn(component) {
  const below = [...(component.components ?? []), component.accessory, component.component];
  const found = below.flatMap((one) => (one ? idsIn(one) : []));
  return component.custom_id ? [component.custom_id, ...found] : found;
}

/** @param {Message} message */
const idsOf = (message) => message.components.flatMap(idsIn);

/** @param {Message} message */
const isLink = (message) => Boolean(message.author.bot) && /https?:\/\/\S+\/pull\/\d+/.test(message.content);

/** @param {Message} message */
const isCard = (message) =>
  Boolean(message.author.bot) && !isEphemeral(message) && idsOf(message).some((id) => VERB.test(id));

/**
 * Where the first minute stands. It is read from the sandbox itself, so it is true after a reload, in a second tab, and
 * when somebody rejected the request: then there is nothing to confirm and one has to ask again.
 */
export function whereItStands() {
  const began = since();
  const messages = store.state.messages.filter((one) => isNewer(one.id, began.message));
  const session = store.state.sessions.slice(began.sessions).at(-1);
  const card = messages.findLast(isCard);
  const confirm = card && idsOf(card).find((id) => CONFIRM.test(id));
  const linked = messages.some(isLink);
  const confirmed = linked || session !== undefined || (card !== undefined && !confirm);
  return { asked: confirmed || card !== undefined, confirmed, linked, session, card, confirm };
}
