import { byId } from './dom.js';
import { setPanel } from './drawers.js';

const OPEN_TAB = 'verne.tab';

/** Buttons of the panel's tab list, by the arrows as any tab list. */
const tabs = () => [...document.querySelectorAll('#tabs [role="tab"]')].filter((el) => el instanceof HTMLElement);

/** @param {string} name */
function select(name) {
  const wanted = tabs().some((tab) => tab.dataset.tab === name) ? name : 'break';
  for (const tab of tabs()) {
    const isOpen = tab.dataset.tab === wanted;
    tab.setAttribute('aria-selected', String(isOpen));
    tab.tabIndex = isOpen ? 0 : -1;
    byId(`tab-${tab.dataset.tab}`, HTMLElement).hidden = !isOpen;
  }
  // What the last button did is no news on another tab.
  byId('scenario-status', HTMLElement).textContent = '';
  localStorage.setItem(OPEN_TAB, wanted);
}

/** Opens the panel at a tab, wherever it is asked for. @param {'break' | 'requests' | 'jules' | 'people'} name */
export function openTab(name) {
  setPanel(true);
  select(name);
  tabs()
    .find((tab) => tab.dataset.tab === name)
    ?.focus();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const all = tabs();
  const at = all.findIndex((tab) => tab.matches(':focus'));
  const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
  if (!(event.key in steps)) return;
  const next = all.at(steps[/** @type {keyof typeof steps} */ (event.key)] % all.length);
  event.preventDefault();
  select(next?.dataset.tab ?? '');
  next?.focus();
}

export function startTabs() {
  for (const tab of tabs()) tab.addEventListener('click', () => select(tab.dataset.tab ?? ''));
  byId('tabs', HTMLElement).addEventListener('keydown', onKey);
  select(localStorage.getItem(OPEN_TAB) ?? 'break');
}
