/** @import { Answer, JulesOffers, SandboxState } from './types.d.ts' */

const NO_ANSWER = 'The application did not respond';

/** @returns {Promise<SandboxState>} */
export async function fetchState() {
  const response = await fetch('/sandbox/state', { cache: 'no-store' });
  if (!response.ok) throw new Error(`the sandbox answered ${response.status}`);
  return response.json();
}

/** @returns {Promise<JulesOffers>} */
export async function fetchOffers() {
  const response = await fetch('/sandbox/jules', { cache: 'no-store' });
  if (!response.ok) throw new Error(`the sandbox answered ${response.status}`);
  return response.json();
}

/**
 * Posts to a driver route. A failure is an answer with `error`: it is shown where a person would see it in Discord.
 * @param {string} path @param {Record<string, unknown>} body
 * @returns {Promise<Answer & { choices?: { name: string, value: string | number }[] }>}
 */
export async function post(path, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) return { ...answer, error: sentence(answer) };
    return answer;
  } catch {
    return { error: 'The sandbox cannot be reached' };
  }
}

/** @param {{ error?: unknown, message?: unknown }} answer */
function sentence(answer) {
  if (typeof answer.error === 'string') return answer.error;
  if (typeof answer.message === 'string') return answer.message;
  return NO_ANSWER;
}

const RECONNECT_MS = 1000;
/** A session of Jules moves, and a request is refused, without any event of Discord's. */
const LOOK_EVERY_MS = 3000;

/**
 * Calls `onNews` at once and after every event, never twice at a time: news that comes while one call runs is folded into
 * the next. The browser's own reconnecting is not used, since it gives up for good after an HTTP error.
 * @param {{ onNews: () => Promise<void>, onGone: () => void, onFact?: (fact: { type?: string, data?: Record<string, any> }) => void }} hooks
 */
export function subscribe({ onNews, onGone, onFact }) {
  let running = false;
  let again = false;
  const wake = async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await onNews().catch(onGone);
    }
    running = false;
  };
  const connect = () => {
    const source = new EventSource('/sandbox/events');
    source.onopen = wake;
    source.onmessage = (event) => {
      onFact?.(JSON.parse(event.data));
      void wake();
    };
    // An event with a name of its own does not reach `onmessage`.
    source.addEventListener('state', wake);
    source.onerror = () => {
      onGone();
      source.close();
      setTimeout(connect, RECONNECT_MS);
    };
  };
  connect();
  setInterval(() => {
    if (document.visibilityState === 'visible') void wake();
  }, LOOK_EVERY_MS);
}
