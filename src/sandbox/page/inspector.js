import { byId, h, reconcile } from './dom.js';
import { onChange, store } from './store.js';

/** @import { RequestSeen, SessionSeen } from './types.d.ts' */

const MOST_ROWS = 200;

/** @param {RequestSeen} request */
function errorsOf(request) {
  if (!request.verdict || request.verdict.ok) return [];
  return request.verdict.errors.map((one) =>
    typeof one === 'string' ? one : [one.path, one.message].filter(Boolean).join(': '),
  );
}

/** @param {number} status */
const statusKind = (status) => (status >= 400 ? 'bad' : status >= 300 ? 'other' : 'good');

/** @param {RequestSeen} request */
function drawBody({ path, body, unknown_keys: strangers = [] }) {
  return [
    h('div', { class: 'request-path' }, path),
    strangers.length > 0 && h('div', { class: 'verdict-error' }, `not known to Discord: ${strangers.join(', ')}`),
    body === undefined ? h('div', { class: 'hint' }, 'No body.') : h('pre', {}, JSON.stringify(body, null, 2)),
  ].filter((el) => el instanceof HTMLElement);
}

/** One line that opens; what is inside is drawn when it does, since there are hundreds. @param {RequestSeen} request @param {...HTMLElement} line */
function drawDetails(request, ...line) {
  const inside = h('div', { class: 'request-body' });
  const el = h('details', {}, h('summary', { 'data-focus': 'body' }, line), inside);
  el.addEventListener('toggle', () => {
    if (el.open && !inside.firstChild) inside.append(...drawBody(request));
  });
  return el;
}

/** @param {RequestSeen} request @param {number} at */
function requestRow(request, at) {
  const errors = errorsOf(request);
  const path = request.path.replace(/^\/api\/v10/, '').replace(/\d{15,}/g, (id) => `…${id.slice(-4)}`);
  return {
    key: String(request.id ?? at),
    print: JSON.stringify([request.status, errors]),
    draw: () =>
      h(
        'li',
        { class: errors.length ? 'request wrong' : 'request' },
        drawDetails(
          request,
          h('span', { class: 'method' }, request.method),
          h('span', { class: 'path', title: request.path }, path),
          h('span', { class: `status ${statusKind(request.status)}` }, request.status),
        ),
        errors.map((error) => h('div', { class: 'verdict-error' }, error)),
      ),
  };
}

/** @type {Record<string, string>} */
const STATE_KINDS = {
  COMPLETED: 'good',
  FAILED: 'bad',
  AWAITING_USER_FEEDBACK: 'waits',
  AWAITING_PLAN_APPROVAL: 'waits',
};

/** @param {SessionSeen} session */
function sessionRow(session) {
  const name = session.name ?? session.id ?? '';
  return {
    key: name,
    print: JSON.stringify(session),
    draw: () =>
      h(
        'li',
        { class: 'session' },
        h('span', { class: 'session-title' }, session.title ?? name),
        h(
          'span',
          { class: `state ${STATE_KINDS[session.state] ?? 'other'}` },
          session.state.toLowerCase().replaceAll('_', ' '),
        ),
      ),
  };
}

export function startInspector() {
  onChange(() => {
    const { requests, sessions } = store.state;
    const rows = requests.map(requestRow).slice(-MOST_ROWS).reverse();
    const wrong = requests.filter((one) => errorsOf(one).length > 0).length;
    byId('request-count', HTMLElement).textContent = String(requests.length);
    byId('request-wrong', HTMLElement).textContent = wrong ? `${wrong} rejected` : '';
    reconcile(byId('requests', HTMLElement), rows);
    reconcile(byId('sessions', HTMLElement), sessions.map(sessionRow).reverse());
    byId('no-sessions', HTMLElement).hidden = sessions.length > 0;
  });
}
