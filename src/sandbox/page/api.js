/** @import { Answer, SandboxState } from './types.d.ts' */

export const NO_ANSWER = 'The application did not respond';

/** @returns {Promise<SandboxState>} */
export async function fetchState() {
  const response = await fetch('/sandbox/state', { cache: 'no-store' });
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

/**
 * Calls `onNews` at once and after every event, never twice at a time: news that comes while one call runs is folded into
 * the next. EventSource reconnects by itself, except after an HTTP error, where it closes for good; hence the timer.
 * @param {{ onNews: () => Promise<void>, onGone: () => void }} hooks
 */
export function subscribe({ onNews, onGone }) {
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
    listen(source, wake);
    source.onopen = wake;
    source.onerror = () => {
      onGone();
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1000);
    };
  };
  connect();
  return wake;
}

/**
 * An event with a name of its own does not reach `onmessage`.
 * @param {EventSource} source @param {() => void} wake
 */
function listen(source, wake) {
  source.onmessage = wake;
  source.addEventListener('state', wake);
}
