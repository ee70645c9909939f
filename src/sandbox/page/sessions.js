import { byId, h, icon, reconcile } from './dom.js';
import { pushesOffered, wordsOf } from './jules-offers.js';
import { drawOrders } from './orders.js';
import { onChange, store } from './store.js';

/** @import { Order } from './orders.js' */
/** @import { SessionSeen } from './types.d.ts' */

/** @type {Record<string, string>} */
const STATE_KINDS = {
  COMPLETED: 'good',
  FAILED: 'bad',
  AWAITING_USER_FEEDBACK: 'waits',
  AWAITING_PLAN_APPROVAL: 'waits',
  PAUSED: 'waits',
};

/** In plain words what the sandbox says of a push in those of its fields. @type {Record<string, string>} */
const PLAINER = {
  progress: 'Jules reports one more step',
  say: 'Jules says something',
  ask: 'Jules asks a question, and waits',
  pause: 'Jules pauses without a word',
  state: 'Jules is in a state that nobody knows',
  complete: 'Jules is done, with a pull request',
  fail: 'Jules fails, and says why',
  message: 'Somebody writes to Jules, which answers its question',
};

/** What a push needs to say. @type {Record<string, Record<string, string>>} */
const WITH = {
  progress: { title: 'Looking around', description: 'Reads the code.' },
  state: { state: 'RETHINKING' },
  message: { text: 'Please go on as you think best.' },
};

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

/** @param {SessionSeen} session @returns {Order[]} */
const pushesOf = ({ id }) =>
  pushesOffered().map(({ name, does }) => ({
    label: wordsOf(name),
    hint: `${PLAINER[name] ?? does}.`,
    path: '/sandbox/jules',
    body: () => ({ session: id, do: name, ...WITH[name] }),
    ...(name === 'delete' && { danger: () => 'Jules forgets this session. This cannot be undone.' }),
  }));

/** @param {SessionSeen} session */
function drawPushes(session) {
  const { id } = session;
  const details = h(
    'details',
    { class: 'pushes', open: opened.has(id) },
    h('summary', { 'data-focus': 'pushes' }, 'Push an event'),
    drawOrders(pushesOf(session)),
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
  print: `${JSON.stringify(session)} ${pushesOffered().length}`,
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
