import { beginWith } from './composer.js';
import { byId, h, icon, reconcile } from './dom.js';
import { change, isEphemeral, onChange, store } from './store.js';

/** @import { Component, Message } from './types.d.ts' */

const DISMISSED = 'verne.welcome.dismissed';
const BUTTON = 2;

/** @param {Component} component @returns {boolean} */
const hasButton = (component) => component.type === BUTTON || (component.components ?? []).some(hasButton);

/** @param {Message} message */
const isCard = (message) => Boolean(message.author.bot) && !isEphemeral(message) && message.components.some(hasButton);

/** @param {Message} message */
const hasPullRequest = (message) => Boolean(message.author.bot) && /https?:\/\/\S+\/pull\/\d+/.test(message.content);

/** What has happened is read from the sandbox itself, so the ticks are true after a reload too. */
function steps() {
  const { messages, sessions } = store.state;
  const linked = messages.some(hasPullRequest);
  const confirmed = linked || sessions.length > 0;
  return [
    {
      done: confirmed || messages.some(isCard),
      title: 'Ask',
      text: ['As ', h('strong', {}, 'requester'), ', type ', h('code', {}, '/jules'), ' and say what should be done.'],
      action: 'Type /jules',
      act: () => {
        change({ as: 'requester' });
        beginWith('/jules');
      },
    },
    {
      done: confirmed,
      title: 'Confirm',
      text: ['Switch to ', h('strong', {}, 'approver'), ' and press ', h('strong', {}, 'Confirm'), ' on the card.'],
      action: 'Be the approver',
      act: () => change({ as: 'approver' }),
    },
    {
      done: linked,
      title: 'See the link',
      text: ['Watch the progress. The pull request link arrives as a new message.'],
      action: '',
      act: () => undefined,
    },
  ];
}

/** @param {ReturnType<typeof steps>[number]} step @param {number} at @param {boolean} current */
function drawStep(step, at, current) {
  const classes = ['step', step.done && 'done', current && 'current'].filter(Boolean).join(' ');
  return h(
    'li',
    { class: classes },
    h('span', { class: 'step-mark' }, step.done ? icon('check') : String(at + 1)),
    h(
      'div',
      {},
      h('div', { class: 'step-title' }, step.title, step.done ? h('span', { class: 'sr-only' }, ' (done)') : null),
      h('div', { class: 'step-text' }, step.text),
      current && step.action
        ? h('button', { type: 'button', class: 'text-button', 'data-focus': 'act', onclick: step.act }, step.action)
        : null,
    ),
  );
}

export function startWelcome() {
  const root = byId('welcome', HTMLElement);
  byId('welcome-dismiss', HTMLButtonElement).addEventListener('click', () => {
    localStorage.setItem(DISMISSED, 'yes');
    root.hidden = true;
  });
  onChange(() => {
    root.hidden = !store.loaded || localStorage.getItem(DISMISSED) !== null;
    const all = steps();
    const current = all.findIndex((one) => !one.done);
    byId('welcome-done', HTMLElement).hidden = current >= 0;
    reconcile(
      byId('welcome-steps', HTMLElement),
      all.map((step, at) => ({
        key: String(at),
        print: `${step.done} ${at === current}`,
        draw: () => drawStep(step, at, at === current),
      })),
    );
  });
}
