import { showChip } from './chip.js';
import { byId, h, reconcile } from './dom.js';
import { drawRequest, isFailed, isRefused, isSlow } from './request.js';
import { onChange, store } from './store.js';
import { openTab } from './tabs.js';
import { clock, timeOf } from './time.js';

/** @import { InteractionSeen, RequestSeen } from './types.d.ts' */
/** @typedef {{ key: string, at: number, print: string, draw: () => HTMLElement }} Row */

const MOST_ROWS = 200;

/** @type {Record<number, string>} */
const KINDS = { 2: 'COMMAND', 3: 'PRESS', 4: 'TYPING', 5: 'MODAL' };
/** About these is the name of a command, about the others a custom id. */
const COMMANDS = new Set([2, 4]);
/** @type {Record<string, { says: string, kind: string }>} */
const ENDS = {
  waiting: { says: 'waiting…', kind: 'waits' },
  answered: { says: 'answered', kind: 'good' },
  deferred: { says: 'deferred', kind: 'good' },
  failed: { says: 'did not respond', kind: 'bad' },
};

/** @param {RequestSeen} request @param {number} at @returns {Row} */
const requestRow = (request, at) => ({
  key: `request-${request.id ?? at}`,
  at: request.at ? Date.parse(request.at) : at,
  print: JSON.stringify([request.status, request.verdict]),
  draw: () => drawRequest(request),
});

/** @param {InteractionSeen} one @returns {Row} */
function interactionRow(one) {
  const end = ENDS[one.state] ?? { says: one.state, kind: 'other' };
  const kind = KINDS[one.type] ?? String(one.type);
  const says = `${one.as}: ${COMMANDS.has(one.type) ? '/' : ''}${one.about}`;
  return {
    key: `interaction-${one.id}`,
    at: timeOf(one.id),
    print: one.state,
    draw: () =>
      h(
        'li',
        { class: one.state === 'failed' ? 'request interaction wrong' : 'request interaction' },
        h(
          'div',
          { class: 'request-line' },
          h('span', { class: 'method', title: 'From Discord to the bot' }, kind),
          h('span', { class: 'path', title: `${clock(timeOf(one.id))} ${says}` }, says),
          h('span', { class: `status ${end.kind}` }, end.says),
        ),
      ),
  };
}

/** The first of them are kept, however many requests came later. */
function refusedOnes() {
  const all = [...(store.state.refused?.first ?? []), ...store.state.requests.filter(isRefused)];
  return [...new Map(all.map((one) => [one.id ?? one, one])).values()];
}

/** @type {Record<string, () => Row[]>} */
const FILTERS = {
  all: () => [...store.state.requests.map(requestRow), ...(store.state.interactions ?? []).map(interactionRow)],
  refused: () => refusedOnes().map(requestRow),
  failed: () => store.state.requests.filter(isFailed).map(requestRow),
  slow: () => store.state.requests.filter(isSlow).map(requestRow),
  interactions: () => (store.state.interactions ?? []).map(interactionRow),
};

/** @type {Record<string, string>} */
const NOTHING = {
  all: 'The bot has not asked anything of Discord yet.',
  refused: 'The judge has refused nothing: the bot made no mistake.',
  failed: 'Every request was done as asked.',
  slow: 'No request took a second or longer.',
  interactions: 'Nobody has used a command or pressed a button yet.',
};

const filter = () => String(new FormData(byId('request-filter', HTMLFormElement)).get('filter') ?? 'all');

function show() {
  const { requests, interactions = [] } = store.state;
  const refused = store.state.refused?.count ?? refusedOnes().length;
  const silent = interactions.filter((one) => one.state === 'failed').length;
  byId('request-count', HTMLElement).textContent = String(requests.length);
  const badge = byId('refused', HTMLButtonElement);
  badge.hidden = refused + silent === 0;
  const words = [refused && `${refused} refused`, silent && `${silent} unanswered`].filter(Boolean).join(', ');
  showChip(badge, { sign: 'warning', count: refused + silent, words });
  const rows = (FILTERS[filter()] ?? (() => []))().sort((one, other) => one.at - other.at);
  reconcile(byId('requests', HTMLElement), rows.slice(-MOST_ROWS).reverse());
  const nothing = byId('no-requests', HTMLElement);
  nothing.hidden = rows.length > 0;
  nothing.textContent = NOTHING[filter()] ?? '';
}

/** @param {string} name */
function setFilter(name) {
  for (const input of document.querySelectorAll('#request-filter input')) {
    if (input instanceof HTMLInputElement) input.checked = input.value === name;
  }
  show();
}

export function startInspector() {
  byId('request-filter', HTMLFormElement).addEventListener('change', show);
  byId('refused', HTMLButtonElement).addEventListener('click', () => {
    setFilter(refusedOnes().length > 0 ? 'refused' : 'interactions');
    openTab('requests');
  });
  onChange(show);
}
