import { change, store } from './store.js';

/**
 * What no message says and the page alone knows: commands on their way, who is typing, and which ephemeral messages their reader
 * has put away.
 */

/** As long as Discord shows it for one signal. */
const TYPING_MS = 10_000;

/** @typedef {{ id: string, as: string, channelId: string, name: string }} Pending */

/** @type {{ pending: Pending[], typing: Map<string, { channelId: string, userId: string, untilMs: number }>, dismissed: Set<string> }} */
export const waiting = { pending: [], typing: new Map(), dismissed: new Set() };

let count = 0;

/** @param {string} name @returns {() => void} to be called when the answer is there */
export function sending(name) {
  count += 1;
  const one = { id: `sending-${count}`, as: store.as, channelId: store.channelId, name };
  waiting.pending = [...waiting.pending, one];
  change({});
  return () => {
    waiting.pending = waiting.pending.filter((other) => other !== one);
    change({});
  };
}

/** @param {string} id */
export function dismiss(id) {
  waiting.dismissed.add(id);
  change({ failures: store.failures.filter((one) => one.id !== id) });
}

/** What Discord tells besides the state: somebody types, or has said it. @param {{ type?: string, data?: Record<string, any> }} fact */
export function hear({ type, data }) {
  const channelId = data?.channel_id;
  if (type === 'TYPING_START') {
    const key = `${channelId}/${data?.user_id}`;
    waiting.typing.set(key, { channelId, userId: data?.user_id, untilMs: Date.now() + TYPING_MS });
    setTimeout(() => change({}), TYPING_MS + 50);
    change({});
  }
  if (type === 'MESSAGE_CREATE') waiting.typing.delete(`${channelId}/${data?.author?.id}`);
}

/** @param {string} channelId */
export function typingIn(channelId) {
  const now = Date.now();
  return [...waiting.typing.values()].filter((one) => one.channelId === channelId && one.untilMs > now);
}
