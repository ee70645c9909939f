import { post } from './api.js';
import { showModal } from './modal.js';
import { fail, store } from './store.js';
import { sending } from './waiting.js';

/** @import { Answer } from './types.d.ts' */
/** @typedef {{ message?: string, command?: string, failed?: string, as?: string }} About */

/** Replies come with the next state; only a modal and a failure are handled where the answer arrives. @param {Answer} answer @param {About} [about] */
function settle(answer, { message, command, failed, as } = {}) {
  // Who has become somebody else meanwhile must not fill in another one's dialog.
  const isMine = as === undefined || as === store.as;
  if (answer.modal && isMine) showModal(answer.modal, message);
  else if (answer.error) fail(answer.error, failed, { ...(message && { message }), ...(command && { command }) });
  return answer.error === undefined;
}

/** @param {string} message @param {string} customId @param {string[]} [values] */
export async function press(message, customId, values) {
  const { as } = store;
  store.failures = store.failures.filter((one) => one.message !== message);
  const body = { as, message, custom_id: customId, ...(values ? { values } : {}) };
  settle(await post('/sandbox/press', body), { message, as });
}

/** @param {string} name @param {Record<string, unknown>} options */
export async function sendCommand(name, options) {
  const { as, channelId: channel } = store;
  const done = sending(name);
  const answer = await post('/sandbox/command', { as, name, options, channel });
  done();
  return settle(answer, { as, command: name });
}

/** @param {string} content @param {import('./uploads.js').Upload[]} files */
export async function say(content, files) {
  const { as, channelId: channel } = store;
  const body = { as, channel, content, ...(files.length > 0 ? { files } : {}) };
  return settle(await post('/sandbox/say', body), { failed: 'Your message was not sent' });
}

/** A command in the menu of a message. @param {string} name @param {string} message */
export async function runOnMessage(name, message) {
  const { as } = store;
  const done = sending(name);
  const answer = await post('/sandbox/menu', { as, name, message });
  done();
  return settle(answer, { as, command: name });
}

/** @param {string} name @param {Record<string, unknown>} options @param {string} focused */
export async function choicesFor(name, options, focused) {
  const { as, channelId: channel } = store;
  return post('/sandbox/autocomplete', { as, name, options, focused, channel });
}
