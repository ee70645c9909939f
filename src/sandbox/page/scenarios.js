import { byId, h, reconcile } from './dom.js';
import { CLEAR_ALL, FAULT_GROUPS } from './faults.js';
import { drawGroup, give } from './orders.js';
import { onChange, store } from './store.js';

/** @import { FaultSeen } from './types.d.ts' */
/** @import { Order } from './orders.js' */

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

const ONLY_IN_JULES = ' It can be answered only in Jules for now.';

const SCENARIOS = [
  next(USUAL, 'Pull request', 'ends with a pull request'),
  next('question', 'Question', 'asks a question and waits', ONLY_IN_JULES),
  next('fail', 'Failure', 'fails, and says why'),
  next('no_pr', 'Nothing to change', 'ends without any change'),
  next('patch_only', 'Patch only', 'ends with a patch, but without a pull request'),
  next('slow', 'Slow', 'works five times slower'),
  next('hang', 'Hang', 'begins, and says nothing more'),
  next('paused', 'Pause', 'stops in the middle, paused'),
  next('unknown_state', 'Unknown state', 'stops in a state that nobody has heard of'),
  next('reopen', 'Reopen', 'goes back to work by itself after the pull request'),
  next('odd', 'Odd answers', 'says things of unknown shapes, one of them a megabyte long'),
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

/** @param {FaultSeen} fault @param {number} at */
const armedRow = ({ fault, says, left }, at) => ({
  key: `${at} ${fault}`,
  print: `${says} ${left}`,
  draw: () => h('li', {}, says, left !== undefined && h('span', { class: 'hint' }, ` (${left} left)`)),
});

function showArmed() {
  const { faults = [] } = store.state;
  reconcile(byId('armed', HTMLElement), faults.map(armedRow));
  byId('armed-none', HTMLElement).hidden = faults.length > 0;
  byId('armed-count', HTMLElement).textContent = faults.length ? String(faults.length) : '';
  const badge = byId('armed-badge', HTMLButtonElement);
  badge.hidden = faults.length === 0;
  badge.textContent = `${faults.length} armed`;
}

export function startScenarios() {
  const about = 'how it will go';
  byId('scenarios', HTMLElement).replaceChildren(drawGroup({ name: 'Next Jules session', about, orders: SCENARIOS }));
  byId('faults', HTMLElement).replaceChildren(...FAULT_GROUPS.map(drawGroup));
  byId('clear-all', HTMLButtonElement).addEventListener('click', () => give(CLEAR_ALL));
  onChange(takeChosen);
  onChange(showArmed);
}
