import { h } from './dom.js';

const DISCORD_EPOCH_MS = 1_420_070_400_000n;

/** A snowflake carries the millisecond in which it was made. @param {string} id */
export function timeOf(id) {
  try {
    return Number((BigInt(id) >> 22n) + DISCORD_EPOCH_MS);
  } catch {
    return 0;
  }
}

/** @param {number} ms */
export function clock(ms) {
  return new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

/** @param {number} ms */
export function dayAndClock(ms) {
  const day = new Date(ms);
  const today = new Date();
  if (day.toDateString() === today.toDateString()) return `Today at ${clock(ms)}`;
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (day.toDateString() === yesterday.toDateString()) return `Yesterday at ${clock(ms)}`;
  return `${day.toLocaleDateString()} ${clock(ms)}`;
}

/** What Discord says when the pointer rests on a time. @param {number} ms */
export const fullTime = (ms) => new Date(ms).toLocaleString([], { dateStyle: 'full', timeStyle: 'short' });

/** @param {number} ms */
export const dayOf = (ms) => new Date(ms).toLocaleDateString([], { dateStyle: 'long' });

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const STYLES = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
};

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** @param {number} unixSeconds @param {number} nowMs */
function relative(unixSeconds, nowMs) {
  const delta = Math.round(unixSeconds - nowMs / 1000);
  const [unit, seconds] = UNITS.find(([, size]) => Math.abs(delta) >= size) ?? ['second', 1];
  return new Intl.RelativeTimeFormat([], { numeric: 'auto' }).format(Math.trunc(delta / seconds), unit);
}

/** What `<t:1700000000:R>` shows. @param {number} unixSeconds @param {string} style */
export function timestamp(unixSeconds, style) {
  const at = new Date(unixSeconds * 1000);
  if (Number.isNaN(at.getTime())) return h('span', {}, `<t:${unixSeconds}:${style}>`);
  const full = at.toLocaleString([], STYLES.F);
  const props = { class: 'stamp', datetime: at.toISOString(), title: full };
  if (style === 'R') return h('time', { ...props, 'data-unix': unixSeconds }, relative(unixSeconds, Date.now()));
  return h('time', props, at.toLocaleString([], STYLES[style] ?? STYLES.f));
}

/** Relative timestamps tick without any news from the sandbox. */
export function keepTicking() {
  setInterval(() => {
    for (const el of document.querySelectorAll('time[data-unix]')) {
      const text = relative(Number(el.getAttribute('data-unix')), Date.now());
      if (el.textContent !== text) el.textContent = text;
    }
  }, 1000);
}
