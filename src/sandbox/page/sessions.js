import { post } from './api.js';
import { byId, h, icon, reconcile } from './dom.js';
import { onChange, store } from './store.js';

/** @import { SessionSeen } from './types.d.ts' */

/** @type {Record<string, string>} */
const STATE_KINDS = {
  COMPLETED: 'good',
  FAILED: 'bad',
  AWAITING_USER_FEEDBACK: 'waits',
  AWAITING_PLAN_APPROVAL: 'waits',
  PAUSED: 'waits',
};

/** What a session can be pushed to do. @type {[label: string, hint: string, body: Record<string, unknown>][]} */
const PUSHES = [
  ['Progress', 'Reports one more step', { do: 'progress', title: 'Looking around', description: 'Reads the code.' }],
  ['Ask', 'Asks a question and waits', { do: 'ask', text: 'Which of the two do you mean?' }],
  ['Say', 'Says something', { do: 'say', text: 'Still working on it.' }],
  ['Complete', 'Ends with a pull request', { do: 'complete' }],
  ['Complete without', 'Ends without a pull request', { do: 'complete', pr: false }],
  ['Pull request', 'Brings a pull request', { do: 'pull_request' }],
  ['Fail', 'Fails', { do: 'fail', reason: 'The checks of the repository could not be made to pass.' }],
  ['Pause', 'Stops in PAUSED', { do: 'pause' }],
  ['Reopen', 'Goes back to work', { do: 'reopen' }],
];

/** Sessions whose pushes stand open; a session is drawn anew at each change. @type {Set<string>} */
const opened = new Set();

/** The bot writes a token into the title, by which it finds a session again. @param {SessionSeen} session */
const titleOf = ({ id, title }) => (title ?? id).replace(/\s*\[verne:[^\]]*\]$/, '');

/** @param {string} url */
const isWeb = (url) => /^https?:\/\//.test(url);

/** @param {SessionSeen} session */
function drawFacts({ source, approved, archived, pullRequest }) {
  const words = [
    (source ?? '').replace(/^sources\/(github\/)?/, ''),
    approved && 'plan approved',
    archived && 'archived',
  ].filter(Boolean);
  const link =
    pullRequest && isWeb(pullRequest)
      ? h(
          'a',
          { href: pullRequest, rel: 'noreferrer', target: '_blank' },
          pullRequest.replace(/^https:\/\/github\.com\//, ''),
        )
      : null;
  return h('div', { class: 'hint' }, words.join(' · '), link && words.length > 0 && ' · ', link);
}

/** @param {SessionSeen} session */
function drawPushes({ id }) {
  const said = h('p', { class: 'hint', role: 'status' });
  const buttons = PUSHES.map(([label, hint, body]) => {
    const push = async () => {
      const { error } = await post('/sandbox/jules', { session: id, ...body });
      said.textContent = error ? `Not done: ${error}` : `${hint}.`;
    };
    const props = {
      type: 'button',
      class: 'button secondary small',
      title: hint,
      'data-focus': `push-${label}`,
      onclick: push,
    };
    return h('button', props, label);
  });
  const details = h(
    'details',
    { class: 'pushes', open: opened.has(id) },
    h('summary', { 'data-focus': 'pushes' }, 'Push an event'),
    h('div', { class: 'push-buttons' }, buttons),
    said,
  );
  details.addEventListener('toggle', () => {
    if (details.open) opened.add(id);
    else opened.delete(id);
  });
  return details;
}

/** @param {SessionSeen} session */
const sessionRow = (session) => ({
  key: session.id,
  print: JSON.stringify(session),
  draw: () =>
    h(
      'li',
      { class: 'session' },
      h(
        'div',
        { class: 'session-head' },
        h('span', { class: 'session-title', title: session.title ?? session.id }, titleOf(session)),
        h('span', { class: `state ${STATE_KINDS[session.state] ?? 'other'}` }, stateWords(session.state)),
      ),
      drawFacts(session),
      drawLastWord(session),
      drawPushes(session),
    ),
});

/** @param {string} state */
export const stateWords = (state) => state.toLowerCase().replaceAll('_', ' ');

/** @param {SessionSeen} session */
function drawLastWord({ messages = [] }) {
  const last = messages.at(-1);
  if (!last) return null;
  return h('div', { class: 'session-said' }, icon(last.from === 'user' ? 'person' : 'thread'), last.text);
}

export function startSessions() {
  onChange(() => {
    const { sessions } = store.state;
    reconcile(byId('sessions', HTMLElement), sessions.map(sessionRow).reverse());
    byId('session-count', HTMLElement).textContent = String(sessions.length);
    byId('no-sessions', HTMLElement).hidden = sessions.length > 0;
  });
}
