import { h } from './dom.js';

/** @import { Person } from './types.d.ts' */

const COLOURS = 6;

/** A disc with an initial; its colour follows from the name, so a person looks the same everywhere. @param {Person} person */
export function avatar(person) {
  const sum = [...person.name].reduce((total, letter) => (total * 13 + (letter.codePointAt(0) ?? 0)) % 9973, 0);
  const kind = person.bot ? 'avatar-bot' : `avatar-${sum % COLOURS}`;
  return h('span', { class: `avatar ${kind}`, 'aria-hidden': 'true' }, person.name.slice(0, 1).toUpperCase());
}
