import { h } from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';

/** `ink` and `pen` are the colour and the width of the line. @typedef {{ fill: string, shape: string, line: string, ink?: string, pen?: string }} Picture */

const DISC = 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Z';
const SQUARE = 'M5 2h14a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H5a3 3 0 0 1-3-3V5a3 3 0 0 1 3-3Z';
const TRIANGLE = 'M12 2 1 21.5h22L12 2Z';

const RING = 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z';
const BRAIN =
  'M12 4.5a4 4 0 0 0-7 2 4 4 0 0 0-2 6 4 4 0 0 0 3 6 4 4 0 0 0 6 1.5 4 4 0 0 0 6-1.5 4 4 0 0 0 3-6 4 4 0 0 0-2-6 4 4 0 0 0-7-2Z';
const FOLDS = 'M12 5v15M8 9c1.6 0 2 1 2 2M16 9c-1.6 0-2 1-2 2M6.5 14.5c1.5.4 2.5 0 3-1M17.5 14.5c-1.5.4-2.5 0-3-1';
const TOOLS = 'M4.5 20 14.5 10M19.5 20 8.5 9M8.5 3.5a4 4 0 1 1-5 5';
const KEY = 'M8 11.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM11.5 12.5 20.5 3.5M17 7l3 3M14 10l2 2';
const MAILBOX = 'M11 17v5M7 4a4 4 0 0 1 4 4v9M15 10h4';
const EDGES = 'm3 7 9 4 9-4M12 11v11M7.5 5l9 4';

/**
 * Discord draws emoji as its own pictures. The ones that a bot says most are drawn here, since a bare machine has no font for
 * them; every other is left to the system.
 * @type {Record<string, Picture>}
 */
const PICTURES = {
  '✅': { fill: '#3ba55d', shape: SQUARE, line: 'M6.5 12.5 10.5 16.5 17.5 8' },
  '❌': { fill: 'none', shape: '', line: 'M4 4 20 20M20 4 4 20', ink: '#d8343a' },
  '⚠️': { fill: '#f0b232', shape: TRIANGLE, line: 'M12 9v5M12 17.5v.2' },
  '❓': { fill: '#d8343a', shape: DISC, line: 'M9 9.5a3 3 0 1 1 4 2.8c-.8.3-1 .8-1 1.7M12 17.2v.1' },
  '❔': { fill: '#9aa5b1', shape: DISC, line: 'M9 9.5a3 3 0 1 1 4 2.8c-.8.3-1 .8-1 1.7M12 17.2v.1' },
  '⛔': { fill: '#d8343a', shape: DISC, line: 'M7 12h10', pen: '3.6' },
  '🚫': { fill: 'none', shape: '', line: `${RING}M5.7 5.7 18.3 18.3`, ink: '#d8343a' },
  '🧠': { fill: '#e99bb0', shape: BRAIN, line: FOLDS, ink: '#b4607a', pen: '1.5' },
  '🛠': { fill: '#8b99a6', shape: 'M12.5 6.5 17 2l5 5-4.5 4.5Z', line: TOOLS, ink: '#8b99a6', pen: '2.6' },
  '📝': { fill: '#c3cdd8', shape: 'M5 2h11l4 4v16H5Z', line: 'M8 8h7M8 12h8M8 16h5', ink: '#5b6672', pen: '1.7' },
  '🔑': { fill: 'none', shape: '', line: KEY, ink: '#f0b232', pen: '2.6' },
  '📭': { fill: '#6f9bd1', shape: 'M3 8a4 4 0 0 1 4-4h10a4 4 0 0 1 4 4v9H3Z', line: MAILBOX, pen: '1.6' },
  '📦': { fill: '#c99b66', shape: 'M3 7 12 3l9 4v11l-9 4-9-4Z', line: EDGES, ink: '#8a6239', pen: '1.6' },
  '⏳': { fill: '#c08a3e', shape: 'M5 2h14v2l-5 8 5 8v2H5v-2l5-8-5-8V2Z', line: 'M9.5 19h5' },
  '⌛': { fill: '#c08a3e', shape: 'M5 2h14v2l-5 8 5 8v2H5v-2l5-8-5-8V2Z', line: 'M9 5.5h6' },
  '⏸️': { fill: '#4e8cf0', shape: SQUARE, line: 'M9 7.5v9M15 7.5v9', pen: '3' },
  '▶️': { fill: '#4e8cf0', shape: SQUARE, line: 'M9.5 7.5 16 12l-6.5 4.5Z' },
  '🔁': {
    fill: '#4e8cf0',
    shape: SQUARE,
    line: 'M7 10a5 4.5 0 0 1 9.5-.5M17 6.5v3.2h-3.2M17 14a5 4.5 0 0 1-9.5.5M7 17.5v-3.2h3.2',
    pen: '1.8',
  },
  '🏁': {
    fill: '#e4e8ec',
    shape: 'M4 3h16v11H4Z',
    line: 'M4 3v19M4 6.5h5.3M14.7 6.5H20M9.3 10h5.4M4 13.5h5.3M14.7 13.5H20',
    ink: '#3b4148',
    pen: '3',
  },
  '🤖': {
    fill: '#9aa5b1',
    shape: 'M4 8h16v12H4Z',
    line: 'M12 8V3.5M8.5 12.5v.2M15.5 12.5v.2M9 16.5h6',
    ink: '#2f363d',
  },
  '🔇': {
    fill: '#9aa5b1',
    shape: 'M3 9h4l6-5v16l-6-5H3Z',
    line: 'M16.5 9.5l5 5M21.5 9.5l-5 5',
    ink: '#d8343a',
    pen: '2.4',
  },
  '🗑️': {
    fill: '#9aa5b1',
    shape: 'M5 7h14l-1.5 15h-11Z',
    line: 'M3.5 5.5h17M9.5 5V2.5h5V5M10 11v7M14 11v7',
    ink: '#5b6672',
    pen: '1.8',
  },
  '📨': { fill: '#6f9bd1', shape: 'M5 6h16v13H5Z', line: 'M5.5 7.5 13 13l7.5-5.5M1.5 10h2M1 14h2.5', pen: '1.7' },
  '⏰': { fill: '#d8343a', shape: DISC, line: 'M12 7v5.5l3.5 2', pen: '2.4' },
  '🟢': { fill: '#3ba55d', shape: DISC, line: '' },
  '🟡': { fill: '#f0b232', shape: DISC, line: '' },
  '🔴': { fill: '#d8343a', shape: DISC, line: '' },
  '🔵': { fill: '#4e8cf0', shape: DISC, line: '' },
  '⚪': { fill: '#c7ccd1', shape: DISC, line: '' },
};

const NAMES = Object.keys(PICTURES).map((name) => `${name.replace('\uFE0F', '')}\uFE0F?`);

export const EMOJI = new RegExp(`(?:${NAMES.join('|')})`, 'u');

/** The text stays, for those who copy it or have it read out. @param {string} text */
export function emoji(text) {
  const plain = text.replace('\uFE0F', '');
  const picture = PICTURES[plain] ?? PICTURES[`${plain}\uFE0F`];
  if (!picture) return document.createTextNode(text);
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path(picture.shape, { fill: picture.fill, stroke: 'none' }), path(picture.line, lineOf(picture)));
  return h('span', { class: 'emoji' }, svg, h('span', { class: 'sr-only' }, text));
}

/** @param {Picture} picture */
function lineOf({ ink = '#fff', pen = '3' }) {
  return { fill: 'none', stroke: ink, 'stroke-width': pen, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
}

/** @param {string} d @param {Record<string, string>} attributes */
function path(d, attributes) {
  const el = document.createElementNS(SVG, 'path');
  for (const [name, value] of Object.entries({ d, ...attributes })) el.setAttribute(name, value);
  return el;
}
