import { h, icon } from './dom.js';
import { dayAndClock } from './time.js';

/** @import { RequestSeen } from './types.d.ts' */

const SLOW_MS = 1000;
const COPIED_MS = 1500;

/** @param {RequestSeen} request */
function errorsOf(request) {
  if (!request.verdict || request.verdict.ok) return [];
  return request.verdict.errors.map((one) =>
    typeof one === 'string' ? one : [one.path, one.message].filter(Boolean).join(': '),
  );
}

/** The judge found a mistake of the bot. @param {RequestSeen} request */
export const isRefused = (request) => request.verdict?.ok === false;

/** Discord did not do as asked, which need not be a mistake of the bot. @param {RequestSeen} request */
export const isFailed = (request) => !isRefused(request) && (request.status >= 400 || request.status === 0);

/** @param {RequestSeen} request */
export const isSlow = (request) => (request.tookMs ?? 0) >= SLOW_MS;

/** @param {number} status */
const statusKind = (status) => (status >= 400 || status === 0 ? 'bad' : status >= 300 ? 'other' : 'good');

/** @type {Record<number, string>} */
const STATUS_WORDS = {
  0: 'the connection was cut before an answer',
  400: 'Discord refuses the body',
  401: 'not authorised',
  403: 'the bot may not do this here',
  404: 'there is no such thing',
  429: 'too many requests; the bot is told to wait',
  500: 'an error of Discord',
  502: 'an error of Discord',
  503: 'an error of Discord',
};

/** Why a request stands in red. @param {RequestSeen} request */
function reasonsOf(request) {
  const errors = errorsOf(request);
  if (!isFailed(request)) return errors;
  return [STATUS_WORDS[request.status] ?? `answered ${request.status}`];
}

/** @param {RequestSeen} request */
function copyButton(request) {
  const label = h('span', {}, 'Copy as JSON');
  const copy = async () => {
    const text = JSON.stringify(request, null, 2);
    const done = await navigator.clipboard.writeText(text).then(
      () => 'Copied',
      () => 'The browser does not allow copying',
    );
    label.textContent = done;
    setTimeout(() => {
      label.textContent = 'Copy as JSON';
    }, COPIED_MS);
  };
  return h('button', { type: 'button', class: 'button secondary small copy', onclick: copy }, icon('copy'), label);
}

/** @param {RequestSeen} request */
function verdictOf(request) {
  if (!request.verdict) return 'Not judged.';
  return request.verdict.ok ? 'The judge found nothing wrong.' : 'The judge refused it.';
}

/** @param {RequestSeen} request */
function drawBody(request) {
  const { at, body } = request;
  const when = at ? `${dayAndClock(Date.parse(at))}, ` : '';
  return [
    h('div', { class: 'request-path' }, request.path),
    h('div', { class: 'request-facts' }, `${when}${request.tookMs ?? '?'} ms. ${verdictOf(request)}`),
    body === undefined || body === null
      ? h('div', { class: 'request-facts' }, 'No body.')
      : h('pre', { tabindex: '0' }, JSON.stringify(body, null, 2)),
    copyButton(request),
  ];
}

/** One line that opens; what is inside is drawn when it does, since there are hundreds. @param {RequestSeen} request */
export function drawRequest(request) {
  const path = request.path.replace(/^\/api\/v10/, '').replace(/\d{15,}/g, (id) => `…${id.slice(-4)}`);
  const inside = h('div', { class: 'request-body' });
  const summary = h(
    'summary',
    { 'data-focus': 'body', class: 'request-line' },
    h('span', { class: 'method' }, request.method),
    h('span', { class: 'path', title: request.path }, path),
    h(
      'span',
      { class: isSlow(request) ? 'took waits' : 'took' },
      request.tookMs === undefined ? '' : `${request.tookMs} ms`,
    ),
    h('span', { class: `status ${statusKind(request.status)}` }, request.status || 'cut'),
    reasonsOf(request).map((reason) => h('span', { class: 'verdict-error' }, reason)),
  );
  const details = h('details', {}, summary, inside);
  details.addEventListener('toggle', () => {
    if (details.open && !inside.firstChild) inside.append(...drawBody(request));
  });
  return h(
    'li',
    { class: ['request', isRefused(request) && 'wrong', isFailed(request) && 'failed'].filter(Boolean).join(' ') },
    details,
  );
}
