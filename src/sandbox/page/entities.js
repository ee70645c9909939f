import { avatar } from './avatar.js';
import { cssColor } from './color.js';
import { h, icon } from './dom.js';
import { emoji } from './emoji.js';
import { channelById, isDm, isThread, roleById, roles, store } from './store.js';

/** @import { Component, SelectOption } from './types.d.ts' */

const STRING = 3;
const USER = 5;
const ROLE = 6;
const MENTIONABLE = 7;
const CHANNEL = 8;

/** @param {number} type */
export const isSelect = (type) => type === STRING || (type >= USER && type <= CHANNEL);

/** @param {Component} select */
export const isEntitySelect = ({ type }) => type !== STRING;

/** What can be chosen: the component's own options, or what the guild has. @param {Component} select @returns {SelectOption[]} */
export function optionsOf(select) {
  const people = store.state.accounts.map((one) => ({ label: one.name, value: one.id }));
  const groups = roles().map((one) => ({ label: `@${one.name.replace(/^@/, '')}`, value: one.id }));
  if (select.type === USER) return people;
  if (select.type === ROLE) return groups;
  if (select.type === MENTIONABLE) return [...groups, ...people];
  if (select.type !== CHANNEL) return select.options ?? [];
  const wanted = select.channel_types ?? [];
  return store.state.channels
    .filter((one) => !isDm(one) && (wanted.length ? wanted.includes(one.type) : !isThread(one)))
    .map((one) => ({ label: `# ${one.name}`, value: one.id }));
}

/** What stands before an option: its emoji, a face, or the colour of a role. @param {SelectOption} option */
export function faceOf({ emoji: face, value, label }) {
  if (face?.name) return face.id ? null : h('span', { class: 'select-face' }, emoji(face.name));
  const person = store.state.accounts.find((one) => one.id === value);
  if (person) return avatar(person);
  const role = roleById(value);
  if (role) {
    const dot = h('span', { class: 'role-dot', 'aria-hidden': 'true' });
    if (role.color) dot.style.background = cssColor(role.color);
    return dot;
  }
  return label.startsWith('# ') && channelById(value) ? icon('hash') : null;
}
