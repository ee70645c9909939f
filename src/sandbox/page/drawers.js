import { byId } from './dom.js';

/**
 * The channel list and the sandbox panel stand beside the messages where there is room, and slide over them where there is
 * not. What slid over takes the focus, and Escape or the shade gives it back.
 */
const NARROW = matchMedia('(max-width: 720px)');
const MEDIUM = matchMedia('(max-width: 1100px)');

const app = () => byId('app', HTMLElement);
const panelButton = () => byId('toggle-panel', HTMLButtonElement);
const sidebarButton = () => byId('open-sidebar', HTMLButtonElement);

export const isPanelOpen = () =>
  MEDIUM.matches ? app().classList.contains('panel-open') : !app().classList.contains('panel-closed');

function showState() {
  panelButton().setAttribute('aria-expanded', String(isPanelOpen()));
  sidebarButton().setAttribute('aria-expanded', String(app().classList.contains('sidebar-open')));
}

/** @param {boolean} open */
export function setPanel(open) {
  if (MEDIUM.matches) app().classList.toggle('panel-open', open);
  else app().classList.toggle('panel-closed', !open);
  if (open) app().classList.remove('sidebar-open');
  showState();
}

export function closeDrawers() {
  const { classList } = app();
  const opener = classList.contains('sidebar-open') ? sidebarButton() : panelButton();
  const wasOpen = classList.contains('sidebar-open') || classList.contains('panel-open');
  classList.remove('sidebar-open', 'panel-open');
  showState();
  if (wasOpen) opener.focus();
}

function toggleSidebar() {
  const open = app().classList.toggle('sidebar-open');
  app().classList.remove('panel-open');
  showState();
  const first = document.querySelector('#sidebar [aria-current="page"]') ?? document.querySelector('#sidebar button');
  if (open && first instanceof HTMLElement) first.focus();
}

function togglePanel() {
  const open = !isPanelOpen();
  setPanel(open);
  const tab = document.querySelector('#panel [role="tab"][aria-selected="true"]');
  if (open && MEDIUM.matches && tab instanceof HTMLElement) tab.focus();
}

export function startDrawers() {
  sidebarButton().addEventListener('click', toggleSidebar);
  panelButton().addEventListener('click', togglePanel);
  byId('shade', HTMLElement).addEventListener('click', closeDrawers);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog[open]')) closeDrawers();
  });
  NARROW.addEventListener('change', showState);
  MEDIUM.addEventListener('change', showState);
  showState();
}
