import { post } from './api.js';
import { avatar } from './avatar.js';
import { byId, h, reconcile } from './dom.js';
import { change, fail, me, onChange, pingsFor, roleById, store } from './store.js';

/** @import { Account } from './types.d.ts' */

/** What the account may do, in the words of the guild's roles. @param {Account} account */
export function roleLine(account) {
  const names = (account.roles ?? []).map((id) => roleById(id)?.name).filter((name) => name && name !== '@everyone');
  return names.length ? names.join(', ') : 'no role';
}

/** @param {Account} account @param {number} pings */
function choice(account, pings) {
  const input = h('input', {
    type: 'radio',
    name: 'as',
    value: account.name,
    class: 'sr-only',
    'data-focus': 'as',
    checked: account.name === store.as,
    onchange: () => change({ as: account.name }),
  });
  return h(
    'label',
    { class: 'who', title: `Be ${account.name} (${roleLine(account)})` },
    input,
    avatar(account),
    h(
      'span',
      { class: 'who-text' },
      h('span', { class: 'who-name' }, account.name),
      h('span', { class: 'who-role' }, roleLine(account)),
    ),
    pings > 0 && h('span', { class: 'badge' }, pings, h('span', { class: 'sr-only' }, ' unread mentions')),
  );
}

/** In which language this person has their Discord; the bot answers each in their own. */
export function startLocale() {
  const locale = byId('locale', HTMLSelectElement);
  locale.addEventListener('change', async () => {
    const { error } = await post('/sandbox/locale', { as: store.as, locale: locale.value });
    if (error) fail(error);
  });
  onChange(() => {
    locale.value = me()?.locale ?? 'en-US';
  });
}

/** The switch between the people of the sandbox; a badge says who was called and has not looked. */
export function startWho() {
  const whos = byId('whos', HTMLElement);
  onChange(() => {
    reconcile(
      whos,
      store.state.accounts.map((one) => {
        const pings = pingsFor(one);
        return {
          key: one.name,
          print: JSON.stringify([one, roleLine(one), pings]),
          draw: () => choice(one, pings),
        };
      }),
    );
    for (const input of whos.querySelectorAll('input')) input.checked = input.value === store.as;
  });
}
