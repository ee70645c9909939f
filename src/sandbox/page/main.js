import { fetchState, subscribe } from './api.js';
import { startComposer } from './composer.js';
import { startDrawers } from './drawers.js';
import { startHeader } from './header.js';
import { startInspector } from './inspector.js';
import { startOffers } from './jules-offers.js';
import { startKeys } from './keys.js';
import { startMenus } from './menu.js';
import { startModals } from './modal.js';
import { startPeople } from './people.js';
import { startScenarios } from './scenarios.js';
import { startSessions } from './sessions.js';
import { startSettings } from './settings.js';
import { startSidebar } from './sidebar.js';
import { change, store } from './store.js';
import { startTabs } from './tabs.js';
import { startTheme } from './theme.js';
import { keepTicking } from './time.js';
import { startTimeline } from './timeline.js';
import { hear } from './waiting.js';
import { startWelcome } from './welcome.js';
import { startLocale, startWho } from './who.js';

for (const start of [
  startTheme,
  startDrawers,
  startTabs,
  startHeader,
  startWho,
  startLocale,
  startSidebar,
  startTimeline,
  startComposer,
  startModals,
  startMenus,
  startInspector,
  startSessions,
  startPeople,
  startScenarios,
  startSettings,
  startOffers,
  startWelcome,
  startKeys,
  keepTicking,
]) {
  start();
}

subscribe({
  onFact: hear,
  onNews: async () => {
    const state = await fetchState();
    change({ state, gone: false, loaded: true });
  },
  onGone: () => {
    if (!store.gone) change({ gone: true });
  },
});
