import { fetchOffers } from './api.js';
import { onChange, store } from './store.js';

/** @import { JulesOffers } from './types.d.ts' */

/** @type {JulesOffers | undefined} */
let offers;
/** @type {((offers: JulesOffers) => void)[]} */
const views = [];

export const pushesOffered = () => offers?.pushes ?? [];

/** @param {(offers: JulesOffers) => void} view */
export function onOffers(view) {
  views.push(view);
}

export async function askOffers() {
  offers = await fetchOffers();
  for (const view of views) view(offers);
}

/** What Jules can do is asked anew whenever the sandbox was gone: another one may offer something else. */
export function startOffers() {
  let isKnown = false;
  onChange(() => {
    if (store.gone) isKnown = false;
    if (!store.loaded || store.gone || isKnown) return;
    isKnown = true;
    askOffers().catch(() => {
      isKnown = false;
    });
  });
}

/** `unknown_state` as people write it. @param {string} name */
export function wordsOf(name) {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, (_, end, start) => `${end} ${start.toLowerCase()}`)
    .replaceAll('_', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
