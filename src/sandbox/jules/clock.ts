export type Cancel = () => void;

type Pending = { readonly dueMs: number; readonly work: () => void };

type ClockWish = {
  /** Divides the durations of stories. */
  readonly speed?: number;
  /** Stands still until it is advanced. */
  readonly virtual?: boolean;
};

/** Where a virtual clock begins. */
const VIRTUAL_START_MS = Date.parse('2026-11-20T09:00:00Z');
/** The longest that a timer of Node can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Time in the simulation. Stories are told in the durations of the real service and divided by `speed`; instants on the
 * wire are real, since the bot compares them with its own clock. It goes with the machine's clock, or is virtual and goes
 * only when it is advanced; advancing makes everything happen that is due, in order, each at its own instant.
 */
export class Clock {
  readonly #speed: number;
  #pending: Pending[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Of the machine's clock; null while the clock is virtual. */
  #aheadMs: number | null;
  #standsAtMs = VIRTUAL_START_MS;
  #lastMicros = 0;
  #closed = false;

  constructor({ speed = 1, virtual = false }: ClockWish = {}) {
    this.#speed = speed;
    this.#aheadMs = virtual ? null : 0;
  }

  nowMs(): number {
    return this.#aheadMs === null ? this.#standsAtMs : Date.now() + this.#aheadMs;
  }

  /** Runs `work` when so much of the story's time has passed. */
  later(storyMs: number, work: () => void): Cancel {
    return this.laterReal(this.scaled(storyMs), work);
  }

  /** For what is measured against a client's own timeouts, which are not scaled. */
  laterReal(ms: number, work: () => void): Cancel {
    const entry = { dueMs: this.nowMs() + ms, work };
    this.#pending.push(entry);
    this.#pending.sort((one, other) => one.dueMs - other.dueMs);
    this.#arm();
    return () => {
      this.#pending = this.#pending.filter((other) => other !== entry);
    };
  }

  scaled(storyMs: number): number {
    return storyMs / this.#speed;
  }

  /** So much time passes at once, not scaled. */
  advance(ms: number) {
    const untilMs = this.nowMs() + ms;
    for (let next = this.#pending[0]; next && next.dueMs <= untilMs; next = this.#pending[0]) {
      this.#pending.shift();
      this.#moveTo(next.dueMs);
      next.work();
    }
    this.#moveTo(untilMs);
    this.#arm();
  }

  /** To the next thing that is due; false where nothing is. */
  step(): boolean {
    const [next] = this.#pending;
    if (next) this.advance(Math.max(0, next.dueMs - this.nowMs()));
    return next !== undefined;
  }

  /** Microseconds since the epoch, never the same twice. */
  micros(): number {
    const fraction = this.#aheadMs === null ? 0 : Math.floor((performance.now() % 1) * 1000);
    this.#lastMicros = Math.max(this.#lastMicros + 1, Math.floor(this.nowMs()) * 1000 + fraction);
    return this.#lastMicros;
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#pending = [];
  }

  #moveTo(ms: number) {
    if (this.#aheadMs === null) this.#standsAtMs = Math.max(ms, this.#standsAtMs);
    else this.#aheadMs += Math.max(0, ms - this.nowMs());
  }

  #arm() {
    clearTimeout(this.#timer);
    const [next] = this.#pending;
    if (this.#closed || this.#aheadMs === null || !next) return;
    this.#timer = setTimeout(() => this.advance(0), Math.min(MAX_TIMER_MS, Math.max(0, next.dueMs - this.nowMs())));
  }
}

/** As Jules writes instants: `2025-10-03T05:43:42.801654Z`. */
export function instantOf(micros: number): string {
  const whole = new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1);
  return `${whole}${String(micros % 1000).padStart(3, '0')}Z`;
}

/** RFC 3339 with any number of fractional digits; NaN where it is none. */
export function microsOf(instant: string): number {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(instant);
  if (!parts) return Number.NaN;
  const [, seconds, fraction = '', zone] = parts;
  return Date.parse(`${seconds}${zone}`) * 1000 + Math.floor(Number(fraction.padEnd(9, '0')) / 1000);
}
