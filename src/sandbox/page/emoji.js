import { h } from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';

/** @typedef {{ fill: string, shape: string, line: string }} Picture */

const DISC = 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Z';
const SQUARE = 'M5 2h14a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H5a3 3 0 0 1-3-3V5a3 3 0 0 1 3-3Z';
const TRIANGLE = 'M12 2 1 21.5h22L12 2Z';

/**
 * Discord draws emoji as its own pictures. The ones that a bot says most are drawn here, since a bare machine has no font for
 * them; every other is left to the system.
 * @type {Record<string, Picture>}
 */
const PICTURES = {
  '✅': { fill: '#3ba55d', shape: SQUARE, line: 'M6.5 12.5 10.5 16.5 17.5 8' },
  '❌': { fill: 'none', shape: '', line: 'M4 4 20 20M20 4 4 20' },
  '⚠️': { fill: '#f0b232', shape: TRIANGLE, line: 'M12 9v5M12 17.5v.2' },
  '❓': { fill: '#d8343a', shape: DISC, line: 'M9 9.5a3 3 0 1 1 4 2.8c-.8.3-1 .8-1 1.7M12 17.2v.1' },
  '⏳': { fill: '#c08a3e', shape: 'M5 2h14v2l-5 8 5 8v2H5v-2l5-8-5-8V2Z', line: 'M9.5 19h5' },
  '🟢': { fill: '#3ba55d', shape: DISC, line: '' },
  '🟡': { fill: '#f0b232', shape: DISC, line: '' },
  '🔴': { fill: '#d8343a', shape: DISC, line: '' },
  '🔵': { fill: '#4e8cf0', shape: DISC, line: '' },
  '⚪': { fill: '#c7ccd1', shape: DISC, line: '' },
};

export const EMOJI = new RegExp(`(?:${Object.keys(PICTURES).join('|').replace('⚠️', '⚠\\uFE0F?')})`, 'u');

/** The text stays, for those who copy it or have it read out. @param {string} text */
export function emoji(text) {
  const picture = PICTURES[text] ?? PICTURES[`${text}\uFE0F`];
  if (!picture) return document.createTextNode(text);
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path(picture.shape, { fill: picture.fill, stroke: 'none' }), path(picture.line, lineOf(text)));
  return h('span', { class: 'emoji' }, svg, h('span', { class: 'sr-only' }, text));
}

/** @param {string} text */
function lineOf(text) {
  return { fill: 'none', stroke: text === '❌' ? '#d8343a' : '#fff', 'stroke-width': '3', 'stroke-linecap': 'round' };
}

/** @param {string} d @param {Record<string, string>} attributes */
function path(d, attributes) {
  const el = document.createElementNS(SVG, 'path');
  for (const [name, value] of Object.entries({ d, ...attributes })) el.setAttribute(name, value);
  return el;
}
