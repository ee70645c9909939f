import { theBot } from './bot.js';
import { byId, h } from './dom.js';
import { dots } from './message.js';
import { onChange, personName, store } from './store.js';
import { typingIn } from './waiting.js';

/** "Verne is typing…", in the line that is kept free for it under the composer. */
export function startTyping() {
  const line = h('div', { id: 'typing', role: 'status' });
  byId('composer', HTMLElement).append(line);
  onChange(() => {
    const names = typingIn(store.channelId).map((one) => personName(one.userId) ?? theBot().name);
    const text = names.length ? `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} typing…` : '';
    if (line.textContent === text) return;
    line.replaceChildren(...(text ? [dots(), h('span', {}, text)] : []));
  });
}
