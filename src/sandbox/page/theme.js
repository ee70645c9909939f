import { byId, h, icon } from './dom.js';

const CHOSEN = 'verne.theme';

/** In the order in which the button goes through them; the system's own is the first. */
const THEMES = /** @type {const} */ ([
  { name: 'system', icon: 'system', says: 'Colours follow the system' },
  { name: 'dark', icon: 'moon', says: 'Dark' },
  { name: 'light', icon: 'sun', says: 'Light' },
]);

const chosen = () => THEMES.find(({ name }) => name === localStorage.getItem(CHOSEN)) ?? THEMES[0];

function show() {
  const theme = chosen();
  if (theme.name === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.name;
  const button = byId('theme', HTMLButtonElement);
  button.title = `${theme.says}; press to change`;
  button.replaceChildren(icon(theme.icon), h('span', { class: 'sr-only' }, `Colours: ${theme.name}`));
}

export function startTheme() {
  byId('theme', HTMLButtonElement).addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length] ?? THEMES[0];
    localStorage.setItem(CHOSEN, next.name);
    show();
  });
  show();
}
