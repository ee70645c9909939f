import { avatar } from './avatar.js';
import { byId, h, reconcile } from './dom.js';
import { onChange, store } from './store.js';
import { roleLine } from './who.js';

/** @import { Person } from './types.d.ts' */

/** @type {Record<string, string>} What the seeded people can do, for who has not read the manual. */
const MAY = {
  approver: 'Asks, confirms and rejects, and changes settings.',
  requester: 'Asks, and cancels what they asked.',
  outsider: 'Looks, and is refused.',
};

/** @param {Person} person @param {{ role: string, may?: string | undefined }} about */
function row(person, { role, may }) {
  return {
    key: person.id,
    print: `${person.name} ${role}`,
    draw: () =>
      h(
        'li',
        { class: 'member' },
        avatar(person),
        h(
          'div',
          { class: 'member-text' },
          h('div', { class: 'member-name' }, person.name, h('span', { class: 'hint' }, ` ${role}`)),
          may && h('div', { class: 'hint' }, may),
        ),
      ),
  };
}

/** The member list: everybody is always here. */
export function startPeople() {
  onChange(() => {
    const bot = store.state.messages.find((one) => one.author.bot)?.author;
    reconcile(byId('members', HTMLElement), [
      ...store.state.accounts.map((one) => row(one, { role: roleLine(one), may: MAY[one.name] })),
      ...(bot ? [row(bot, { role: 'app', may: 'Brings what people ask to Jules, and what comes of it back.' })] : []),
    ]);
  });
}
