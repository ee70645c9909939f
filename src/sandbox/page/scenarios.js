import { post } from './api.js';
import { byId, h } from './dom.js';
import { channelById, store } from './store.js';

/** What the next Jules session does. */
const SCENARIOS = [
  { name: 'happy', label: 'Ends with a pull request' },
  { name: 'question', label: 'Asks a question' },
  { name: 'fail', label: 'Fails' },
  { name: 'no_pr', label: 'Ends without a pull request' },
  { name: 'slow', label: 'Works slowly' },
];

/** @type {{ label: string, hint: string, body: () => Record<string, unknown> }[]} */
const FAULTS = [
  {
    label: 'Drop gateway',
    hint: 'Closes the bot’s connection; it has to resume',
    body: () => ({ drop_gateway: true }),
  },
  { label: 'Answer 429 once', hint: 'The next request of the bot is told to wait', body: () => ({ rate_limit: 1 }) },
  {
    label: 'Forbid this channel',
    hint: 'The bot loses its permissions in the open channel',
    body: () => ({ forbid_channel: store.channelId }),
  },
  { label: 'Clear faults', hint: 'Everything works again', body: () => ({ clear: true }) },
];

/** @param {string} text */
function tell(text) {
  byId('scenario-status', HTMLElement).textContent = text;
}

export function startScenarios() {
  const select = byId('scenario', HTMLSelectElement);
  select.replaceChildren(...SCENARIOS.map((one) => h('option', { value: one.name }, one.label)));
  select.addEventListener('change', async () => {
    const answer = await post('/sandbox/jules', { scenario: select.value });
    const label = SCENARIOS.find((one) => one.name === select.value)?.label.toLowerCase();
    tell(answer.error ?? `The next session ${label}.`);
  });
  byId('faults', HTMLElement).replaceChildren(
    ...FAULTS.map(({ label, hint, body }) => {
      const run = async () => {
        const answer = await post('/sandbox/faults', body());
        tell(
          answer.error ??
            `Done: ${label.toLowerCase()}${'forbid_channel' in body() ? ` (#${channelById(store.channelId)?.name})` : ''}.`,
        );
      };
      return h(
        'button',
        { type: 'button', class: 'button secondary small', title: hint, onclick: () => void run() },
        label,
      );
    }),
  );
}
