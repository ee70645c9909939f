import { beginWith } from './begin-with.js';
import { cssColor } from './color.js';
import { h } from './dom.js';
import { change, channelById, me, personName, roleById } from './store.js';

/** @param {string} text @param {string} [more] classes */
export function mention(text, more = '') {
  return h('span', { class: `mention ${more}`.trim() }, text);
}

/** @param {string} id */
export function personMention(id) {
  return mention(`@${personName(id) ?? 'unknown-user'}`, me()?.id === id ? 'mine' : '');
}

/** A role is shown in its colour, mixed with that of the text so that it can be read. @param {string} id */
export function roleMention(id) {
  const role = roleById(id);
  const mine = me()?.roles?.includes(id);
  const el = mention(`@${role?.name.replace(/^@/, '') ?? 'deleted-role'}`, mine ? 'role mine' : 'role');
  if (role?.color) el.style.setProperty('--role', cssColor(role.color));
  return el;
}

/** @param {string} id */
export function channelMention(id) {
  const channel = channelById(id);
  if (!channel) return mention('#unknown');
  return h(
    'button',
    { type: 'button', class: 'mention', onclick: () => change({ channelId: id }) },
    `#${channel.name}`,
  );
}

/** A press begins the command, as in Discord. @param {string} name */
export function commandMention(name) {
  return h('button', { type: 'button', class: 'mention', onclick: () => beginWith(`/${name} `) }, `/${name}`);
}
