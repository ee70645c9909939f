import { avatar } from './avatar.js';
import { h } from './dom.js';
import { markdown, words } from './markdown.js';
import { mention } from './mentions.js';
import { personName, store } from './store.js';

/** @import { Message } from './types.d.ts' */

/** The message that another one answers. @param {Message} message */
export function referenced(message) {
  const id = typeof message.reference === 'string' ? message.reference : message.reference?.message_id;
  return id ? { id, message: store.state.messages.find((one) => one.id === id) } : undefined;
}

/** The first words of a message, for those that refer to it. @param {Message} message */
export function gist(message) {
  const embed = message.embeds[0];
  const said = message.content || embed?.title || embed?.description || textIn(message.components);
  return said || 'Click to see attachment';
}

/** @param {import('./types.d.ts').Component[]} components @returns {string} */
function textIn(components) {
  for (const one of components) {
    const found = one.content || textIn(one.components ?? []);
    if (found) return found;
  }
  return '';
}

/** The first line as plain text. @param {Message} message */
export function gistText(message) {
  return markdown(gist(message).split('\n')[0] ?? '').textContent ?? '';
}

/** Who used which command. @param {{ id: string, name: string }} person @param {string} command */
export function usedCommand(person, command) {
  return h(
    'div',
    { class: 'reference' },
    avatar(person),
    h('strong', {}, person.name),
    ' used ',
    mention(`/${command}`),
  );
}

/** The line above a message: whose command it answers, or which message. @param {Message} message */
export function drawReference(message) {
  const asked = message.interaction_metadata;
  if (asked?.name) {
    const name = personName(asked.user.id) ?? asked.user.username ?? '';
    return usedCommand({ id: asked.user.id, name }, asked.name);
  }
  const reference = referenced(message);
  if (!reference) return null;
  const original = reference.message;
  if (!original) return h('div', { class: 'reference' }, h('em', {}, 'Original message was deleted'));
  return h(
    'button',
    { type: 'button', class: 'reference', 'data-focus': 'reference', onclick: () => jumpTo(reference.id) },
    avatar(original.author),
    h('strong', {}, original.author.name),
    h('span', { class: 'reference-text' }, words(gistText(original))),
  );
}

/** @param {string} id */
function jumpTo(id) {
  const row = document.querySelector(`[data-message-id="${CSS.escape(id)}"]`);
  if (!(row instanceof HTMLElement)) return;
  row.scrollIntoView({ block: 'center' });
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.classList.add('flash');
  setTimeout(() => row.classList.remove('flash'), 1500);
}
