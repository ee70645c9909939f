import { press, sendCommand } from './actions.js';
import { beginWith } from './begin-with.js';
import { byId, h, icon, reconcile } from './dom.js';
import { beginAnew, whereItStands } from './first-minute.js';
import { stateWords } from './sessions.js';
import { change, channelById, onChange, store, visibleChannels } from './store.js';
import { openTab } from './tabs.js';

/** @import { Child } from './types.d.ts' */
/** @typedef {{ label: string, act: () => unknown }} Action */
/** @typedef {{ title: string, done: boolean, text: Child[], actions: Action[] }} Step */

const DISMISSED = 'verne.welcome.dismissed';
const PROMPT = 'Add a health check that says whether the database answers';

/** Becomes somebody, in a text channel: commands are used there. @param {string} as */
function be(as) {
  const text = visibleChannels().find((one) => one.type === 0);
  change({ as, channelId: text?.id ?? store.channelId });
}

function askForMe() {
  be('requester');
  return sendCommand('jules', { prompt: PROMPT });
}

function confirmForMe() {
  const { card, confirm } = whereItStands();
  if (!card || !confirm) return;
  change({ as: 'approver', channelId: card.channel_id });
  return press(card.id, confirm);
}

function again() {
  beginAnew();
  be('requester');
}

/** @param {ReturnType<typeof whereItStands>} now @returns {Step} */
function lastStep({ linked, session, card }) {
  const title = 'See the link';
  const thread = card && channelById(card.id);
  const watch = thread ? [{ label: 'Watch the thread', act: () => change({ channelId: thread.id }) }] : [];
  if (!session || linked) {
    const text = ['Jules plans and works; the link to the pull request comes as a new message.'];
    return { title, done: linked, text, actions: watch };
  }
  const state = h('strong', {}, stateWords(session.state));
  if (session.state === 'FAILED') {
    const text = ['This session ', state, ', and the bot has said so. Ask for another one.'];
    return { title, done: false, text, actions: [{ label: 'Ask again', act: again }, ...watch] };
  }
  return { title, done: false, text: ['Jules now: ', state, '. The link comes as a new message.'], actions: watch };
}

/** @returns {Step[]} */
function steps() {
  const now = whereItStands();
  return [
    {
      title: 'Ask',
      done: now.asked,
      text: ['As ', h('strong', {}, 'requester'), ', type ', h('code', {}, '/jules'), ' and say what should be done.'],
      actions: [
        { label: 'Ask for me', act: askForMe },
        {
          label: 'Type /jules',
          act: () => {
            be('requester');
            beginWith('/jules');
          },
        },
      ],
    },
    {
      title: 'Confirm',
      done: now.confirmed,
      text: ['As ', h('strong', {}, 'approver'), ', press ', h('strong', {}, 'Confirm'), ' on the card.'],
      actions: [
        { label: 'Press it for me', act: confirmForMe },
        {
          label: 'Be the approver',
          act: () => change({ as: 'approver', channelId: now.card?.channel_id ?? store.channelId }),
        },
      ],
    },
    lastStep(now),
  ];
}

/** @param {Action} action @param {number} at */
function drawAction({ label, act }, at) {
  const props = {
    type: 'button',
    class: at === 0 ? 'button primary small' : 'button secondary small',
    'data-focus': `act-${at}`,
  };
  const button = h('button', props, label);
  button.addEventListener('click', async () => {
    // Not disabled, or it would lose the focus.
    if (button.ariaBusy === 'true') return;
    button.ariaBusy = 'true';
    await act();
    button.ariaBusy = 'false';
  });
  return button;
}

/** @param {Step} step @param {number} at @param {boolean} current */
function drawStep({ title, done, text, actions }, at, current) {
  const classes = ['step', done && 'done', current && 'current'].filter(Boolean).join(' ');
  return h(
    'li',
    { class: classes, 'aria-current': current ? 'step' : undefined },
    h('span', { class: 'step-mark' }, done ? icon('check') : String(at + 1)),
    h(
      'div',
      {},
      h('div', { class: 'step-title' }, title, done ? h('span', { class: 'sr-only' }, ' (done)') : null),
      h('div', { class: 'step-text' }, text),
      current && actions.length > 0 && h('div', { class: 'step-actions' }, actions.map(drawAction)),
    ),
  );
}

/** @param {boolean} shown */
function setShown(shown) {
  if (shown) localStorage.removeItem(DISMISSED);
  else localStorage.setItem(DISMISSED, 'yes');
  show();
}

/** The focus goes on to the next step when the button that had it is done. @param {HTMLElement} list @param {() => void} draw */
function keepFocus(list, draw) {
  const held = list.contains(document.activeElement);
  draw();
  if (!held || list.contains(document.activeElement)) return;
  const next = list.querySelector('button') ?? document.querySelector('#welcome-done:not([hidden]) button');
  if (next instanceof HTMLElement) next.focus();
  else byId('welcome-dismiss', HTMLElement).focus();
}

/** @param {Step[]} all @param {number} current */
function tellStep(all, current) {
  const step = all[current];
  const text = step ? `Step ${current + 1} of ${all.length}: ${step.title}` : 'All steps are done';
  const status = byId('welcome-status', HTMLElement);
  if (status.textContent !== text) status.textContent = text;
}

function show() {
  byId('welcome', HTMLElement).hidden = !store.loaded || localStorage.getItem(DISMISSED) !== null;
  const all = steps();
  const current = all.findIndex((one) => !one.done);
  byId('welcome-done', HTMLElement).hidden = current >= 0;
  tellStep(all, current);
  const list = byId('welcome-steps', HTMLElement);
  const rows = all.map((step, at) => ({
    key: String(at),
    print: JSON.stringify([step.done, at === current, step.actions.length, ...step.text.map(wordsOf)]),
    draw: () => drawStep(step, at, at === current),
  }));
  keepFocus(list, () => reconcile(list, rows));
}

/** @param {Child} child */
const wordsOf = (child) => (child instanceof Node ? child.textContent : child);

export function startWelcome() {
  byId('welcome-dismiss', HTMLButtonElement).addEventListener('click', () => {
    setShown(false);
    byId('composer-input', HTMLElement).focus();
  });
  byId('welcome-show', HTMLButtonElement).addEventListener('click', () => {
    setShown(true);
    const first = document.querySelector('#welcome .step button, #welcome-done button');
    if (first instanceof HTMLElement) first.focus();
  });
  byId('next-break', HTMLButtonElement).addEventListener('click', () => openTab('break'));
  byId('next-requests', HTMLButtonElement).addEventListener('click', () => openTab('requests'));
  byId('next-again', HTMLButtonElement).addEventListener('click', again);
  onChange(show);
}
