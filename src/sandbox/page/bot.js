import { store } from './store.js';

/** @import { Person } from './types.d.ts' */

/** The one bot of the server, as its messages name it. @returns {Person} */
export function theBot() {
  return store.state.messages.find((one) => one.author.bot)?.author ?? { id: 'bot', name: 'Verne', bot: true };
}
