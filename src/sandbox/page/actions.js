import { post } from './api.js';
import { showModal } from './modal.js';
import { fail, store } from './store.js';

/** @import { Answer } from './types.d.ts' */

/** Replies come with the next state; only a modal and a failure are handled where the answer arrives. @param {Answer} answer @param {{ message?: string, failed?: string, as?: string }} [about] */
function settle(answer, about = {}) {
  // Who has become somebody else meanwhile must not fill in another one's dialog.
  const isMine = about.as === undefined || about.as === store.as;
  if (answer.modal && isMine) showModal(answer.modal, about.message);
  else if (answer.error) fail(answer.error, about.failed);
  return answer.error === undefined;
}

/** @param {string} message @param {string} customId @param {string[]} [values] */
export async function press(message, customId, values) {
  const { as } = store;
  const answer = await post('/sandbox/press', {
    as,
    message,
    custom_id: customId,
    ...(values ? { values } : {}),
  });
  settle(answer, { message, as });
}

/** @param {string} name @param {Record<string, unknown>} options */
export async function sendCommand(name, options) {
  return settle(await post('/sandbox/command', { as: store.as, name, options, channel: store.channelId }));
}

/** @param {string} content */
export async function say(content) {
  return settle(await post('/sandbox/say', { as: store.as, channel: store.channelId, content }), {
    failed: 'Your message was not sent',
  });
}

/** @param {string} name @param {Record<string, unknown>} options @param {string} focused */
export async function choicesFor(name, options, focused) {
  const answer = await post('/sandbox/autocomplete', { as: store.as, name, options, focused });
  return answer.choices ?? [];
}
