import { fetchState, subscribe } from './api.js';
import { startComposer } from './composer.js';
import { startHeader } from './header.js';
import { startInspector } from './inspector.js';
import { startModals } from './modal.js';
import { startScenarios } from './scenarios.js';
import { startSidebar } from './sidebar.js';
import { change, store } from './store.js';
import { keepTicking } from './time.js';
import { startTimeline } from './timeline.js';
import { startWelcome } from './welcome.js';

for (const start of [
  startHeader,
  startSidebar,
  startTimeline,
  startComposer,
  startModals,
  startInspector,
  startScenarios,
  startWelcome,
  keepTicking,
]) {
  start();
}

subscribe({
  onNews: async () => {
    const state = await fetchState();
    change({ state, gone: false, loaded: true });
  },
  onGone: () => {
    if (!store.gone) change({ gone: true });
  },
});
