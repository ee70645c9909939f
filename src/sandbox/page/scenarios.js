import { post } from './api.js';
import { byId, h } from './dom.js';
import { channelById, store } from './store.js';

/** @typedef {{ label: string, hint: string, path: string, body: () => Record<string, unknown>, done: () => string }} Order */

/** @param {string} scenario @param {string} label @param {string} does @returns {Order} */
const next = (scenario, label, does) => ({
  label,
  hint: `The next session ${does}`,
  path: '/sandbox/jules',
  body: () => ({ scenario }),
  done: () => `The next session ${does}.`,
});

const SCENARIOS = [
  next('happy', 'Pull request', 'ends with a pull request'),
  next('question', 'Question', 'asks a question'),
  next('fail', 'Failure', 'fails'),
  next('no_pr', 'No pull request', 'ends without a pull request'),
  next('slow', 'Slow', 'works slowly'),
];

const faults = '/sandbox/faults';
const openChannel = () => `#${channelById(store.channelId)?.name ?? ''}`;

/** @type {Order[]} */
const FAULTS = [
  {
    label: 'Drop gateway',
    hint: 'Closes the connection of the bot, which has to resume',
    path: faults,
    body: () => ({ gateway: 'drop' }),
    done: () => 'The connection of the bot was closed.',
  },
  {
    label: 'Answer 429 once',
    hint: 'The next request of the bot is told to wait',
    path: faults,
    body: () => ({ rest: { kind: '429', match: {}, status: 429 } }),
    done: () => 'The next request of the bot is told to wait.',
  },
  {
    label: 'Forbid this channel',
    hint: 'The bot loses its permissions in the open channel',
    path: faults,
    body: () => ({ channel: store.channelId, do: 'forbid' }),
    done: () => `The bot may no longer write in ${openChannel()}.`,
  },
  {
    label: 'Clear trouble',
    hint: 'Everything works again',
    path: faults,
    body: () => ({ clear: true }),
    done: () => 'Everything works again.',
  },
];

/** @param {Order} order */
async function give(order) {
  const answer = await post(order.path, order.body());
  byId('scenario-status', HTMLElement).textContent = answer.error ?? order.done();
}

/** @param {Order} order */
function drawOrder(order) {
  const props = { type: 'button', class: 'button secondary small', title: order.hint, onclick: () => give(order) };
  return h('button', props, order.label);
}

export function startScenarios() {
  byId('scenarios', HTMLElement).replaceChildren(...SCENARIOS.map(drawOrder));
  byId('faults', HTMLElement).replaceChildren(...FAULTS.map(drawOrder));
}
