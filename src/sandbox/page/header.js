import { avatar } from './avatar.js';
import { byId, h, icon, reconcile } from './dom.js';
import { change, channelById, isThread, kindOf, nameOf, onChange, roleById, store } from './store.js';

/** @import { Account } from './types.d.ts' */

/** What the account may do, in the words of the guild's roles. @param {Account} account */
function roleLine(account) {
  const names = (account.roles ?? []).map((id) => roleById(id)?.name).filter((name) => name && name !== '@everyone');
  return names.length ? names.join(', ') : 'no role';
}

/** @param {Account} account */
function choice(account) {
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
    { class: 'who' },
    input,
    avatar(account),
    h(
      'span',
      { class: 'who-text' },
      h('span', { class: 'who-name' }, account.name),
      h('span', { class: 'who-role' }, roleLine(account)),
    ),
  );
}

function showTitle() {
  const channel = channelById(store.channelId);
  const kind = kindOf(channel);
  const name = nameOf(channel);
  const parent = channel?.parent_id && isThread(channel) ? channelById(channel.parent_id) : undefined;
  const title = byId('channel-title', HTMLElement);
  const print = JSON.stringify([kind, name, parent?.name]);
  if (title.dataset.print === print) return;
  title.dataset.print = print;
  title.replaceChildren(
    icon(kind),
    ...(parent
      ? [
          h(
            'button',
            { type: 'button', class: 'text-button', onclick: () => change({ channelId: parent.id }) },
            parent.name,
          ),
          ' › ',
        ]
      : []),
    h('span', { class: 'channel-title-name' }, name),
  );
  document.title = `${kind === 'hash' ? '#' : ''}${name || 'Verne'} · Verne sandbox`;
}

export function startHeader() {
  const app = byId('app', HTMLElement);
  const toggle = byId('toggle-panel', HTMLButtonElement);
  const small = matchMedia('(max-width: 1100px)');
  const showPanel = () => {
    const open = small.matches ? app.classList.contains('panel-open') : !app.classList.contains('panel-closed');
    toggle.setAttribute('aria-expanded', String(open));
  };
  toggle.addEventListener('click', () => {
    app.classList.toggle(small.matches ? 'panel-open' : 'panel-closed');
    showPanel();
  });
  small.addEventListener('change', showPanel);
  showPanel();
  onChange(() => {
    showTitle();
    const whos = byId('whos', HTMLElement);
    reconcile(
      whos,
      store.state.accounts.map((one) => ({
        key: one.name,
        print: JSON.stringify([one, roleLine(one)]),
        draw: () => choice(one),
      })),
    );
    for (const input of whos.querySelectorAll('input')) input.checked = input.value === store.as;
    byId('gone', HTMLElement).hidden = !store.gone;
  });
}
