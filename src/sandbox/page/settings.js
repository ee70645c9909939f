import { byId, h } from './dom.js';
import { askOffers, onOffers, wordsOf } from './jules-offers.js';
import { give } from './orders.js';

/** @import { JulesOffers } from './types.d.ts' */
/** @typedef {JulesOffers['settings'][number]} Setting */

/** @type {Record<string, string[]>} */
const CHOICES = {
  approveNothing: ['ignore', 'refuse'],
  approveExpired: ['ignore', 'resume'],
  quotaRefusal: ['exhausted', 'precondition'],
};

/** @param {Setting} setting @param {unknown} value */
async function set({ name }, value) {
  const done = () => `${wordsOf(name)}: ${value}.`;
  await give({ label: name, hint: '', path: '/sandbox/jules', body: () => ({ settings: { [name]: value } }), done });
  await askOffers();
}

/** @param {Setting} setting @param {string} id */
function drawControl(setting, id) {
  const { name, value } = setting;
  if (typeof value === 'boolean') {
    const box = h('input', { id, type: 'checkbox', checked: value });
    box.addEventListener('change', () => set(setting, box.checked));
    return box;
  }
  if (typeof value === 'number') {
    const input = h('input', { id, type: 'number', min: 0, value });
    input.addEventListener('change', () => set(setting, Number(input.value)));
    return input;
  }
  const choices = CHOICES[name] ?? [value];
  const select = h(
    'select',
    { id },
    choices.map((one) => h('option', { selected: one === value }, one)),
  );
  select.addEventListener('change', () => set(setting, select.value));
  return select;
}

/** @param {Setting} setting */
function drawSetting(setting) {
  const id = `setting-${setting.name}`;
  return h(
    'li',
    { class: 'setting' },
    h('label', { class: 'setting-name', for: id }, wordsOf(setting.name)),
    drawControl(setting, id),
    h('span', { class: 'hint' }, `${setting.does}.`),
  );
}

/** What differs between observers of the real Jules: times in milliseconds of its story. */
export function startSettings() {
  onOffers(({ settings }) => {
    const focused = document.activeElement?.id;
    byId('settings', HTMLElement).replaceChildren(...settings.map(drawSetting));
    if (focused?.startsWith('setting-')) document.getElementById(focused)?.focus();
  });
}
