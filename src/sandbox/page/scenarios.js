import { showChip } from './chip.js';
import { byId, h, reconcile } from './dom.js';
import { CLEAR_ALL, FAULT_GROUPS } from './faults.js';
import { onOffers, wordsOf } from './jules-offers.js';
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

/** Where what the sandbox says of a scenario speaks of its fields, or could be plainer. @type {Record<string, { label?: string, does: string }>} */
const PLAINER = {
  [USUAL]: { label: 'Pull request', does: 'Ends with a pull request' },
  question: { does: 'Asks a question and waits. Answer it in the Jules tab: push Message' },
  fail: { label: 'Failure', does: 'Fails, and says why' },
  fail_first_told: { does: 'Tells its failure, and is in FAILED only half a minute later' },
  hang: { label: 'Silence', does: 'Begins, and falls silent for ever, unless it is told something' },
  dropped_plan: {
    label: 'Plan dropped at its approval',
    does: 'Drops its plan just when it is approved, and says nothing of it',
  },
  done_stays: { label: 'Done, but goes on', does: 'Says that it is done, and its session does not end' },
  no_pr: { label: 'Nothing to change', does: 'Ends without any change' },
  unknown_state: { does: 'Stops in a state that nobody has heard of' },
  late_pr: { label: 'Late pull request', does: 'Its pull request comes half a minute after the end' },
};

/** @param {{ name: string, does: string }} scenario @returns {Order} */
function next({ name, does: said }) {
  const { label = wordsOf(name), does = said } = PLAINER[name] ?? {};
  return {
    label,
    scenario: name,
    hint: `${does}.`,
    path: '/sandbox/jules',
    body: () => ({ scenario: name }),
    done: () => {
      chosen = [...chosen, name];
      markChosen();
      return `${WHICH[chosen.length - 1] ?? `The session that comes as number ${chosen.length}`}: ${label}. ${does}.`;
    },
  };
}

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
  showChip(badge, { sign: 'bolt', count: faults.length, words: `${faults.length} armed` });
}

export function startScenarios() {
  onOffers(({ scenarios }) => {
    const group = { name: 'Next Jules session', about: 'how it will go', orders: scenarios.map(next) };
    const box = byId('scenarios', HTMLElement);
    // Drawn once: what the settings change is no reason to fold it under somebody's hand.
    if (box.querySelectorAll('[data-scenario]').length !== scenarios.length) box.replaceChildren(drawGroup(group));
    markChosen();
  });
  byId('faults', HTMLElement).replaceChildren(...FAULT_GROUPS.map(drawGroup));
  byId('clear-all', HTMLButtonElement).addEventListener('click', () => give(CLEAR_ALL));
  onChange(takeChosen);
  onChange(showArmed);
}
