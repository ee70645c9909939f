import { post } from './api.js';
import { byId, h } from './dom.js';
import { channelById, onChange, store } from './store.js';

/** @typedef {{ label: string, hint: string, path: string, body: () => Record<string, unknown>, done: () => string, scenario?: string }} Order */

/** What was chosen here for the sessions to come; the sandbox takes them in this order. @type {string[]} */
let chosen = [];
/** How many sessions there were when it was last looked. */
let sessionCount = 0;

/** What a session does for which nothing was chosen. */
const USUAL = 'happy';

const WHICH = ['The next session', 'The session after that'];

/** @param {string} scenario @param {string} label @param {string} does @param {string} [more] @returns {Order} */
const next = (scenario, label, does, more = '') => ({
  label,
  scenario,
  hint: `The next session ${does}.${more}`,
  path: '/sandbox/jules',
  body: () => ({ scenario }),
  done: () => {
    chosen = [...chosen, scenario];
    markChosen();
    return `${WHICH[chosen.length - 1] ?? `The session that comes as number ${chosen.length}`} ${does}.${more}`;
  },
});

const ONLY_IN_JULES = ' It can be answered only in Jules for now; answering from Discord comes later.';

const SCENARIOS = [
  next(USUAL, 'Pull request', 'ends with a pull request'),
  next('question', 'Question', 'asks a question', ONLY_IN_JULES),
  next('fail', 'Failure', 'fails'),
  next('no_pr', 'No pull request', 'ends without a pull request'),
  next('slow', 'Slow', 'works slowly'),
];

function markChosen() {
  const now = chosen[0] ?? USUAL;
  for (const button of byId('scenarios', HTMLElement).querySelectorAll('[data-scenario]')) {
    button.setAttribute('aria-pressed', String(button.getAttribute('data-scenario') === now));
  }
}

/** Each session that opens takes the first of what was chosen. */
function takeChosen() {
  const { length } = store.state.sessions;
  chosen = chosen.slice(Math.max(0, length - sessionCount));
  sessionCount = length;
  markChosen();
}

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
  const { label, hint, scenario } = order;
  const props = { type: 'button', class: 'button secondary small', title: hint, onclick: () => give(order) };
  return h('button', scenario ? { ...props, 'data-scenario': scenario, 'aria-pressed': 'false' } : props, label);
}

export function startScenarios() {
  byId('scenarios', HTMLElement).replaceChildren(...SCENARIOS.map(drawOrder));
  byId('faults', HTMLElement).replaceChildren(...FAULTS.map(drawOrder));
  onChange(takeChosen);
}
