export type Cancel = () => void;

/**
 * Time in the simulation. Stories are told in the durations of the real service and divided by `speed`; instants on the
 * wire are real, since the bot compares them with its own clock.
 */
export class Clock {
  readonly #speed: number;
  readonly #pending = new Set<NodeJS.Timeout>();
  #lastMicros = 0;
  #closed = false;

  constructor(speed: number) {
    this.#speed = speed;
  }

  /** Runs `work` when so much of the story's time has passed. */
  later(storyMs: number, work: () => void): Cancel {
    return this.laterReal(storyMs / this.#speed, work);
  }

  /** For what is measured against a client's own timeouts, which are not scaled. */
  laterReal(ms: number, work: () => void): Cancel {
    if (this.#closed) return () => undefined;
    const timer = setTimeout(() => {
      this.#pending.delete(timer);
      work();
    }, ms);
    this.#pending.add(timer);
    return () => {
      clearTimeout(timer);
      this.#pending.delete(timer);
    };
  }

  scaled(storyMs: number): number {
    return storyMs / this.#speed;
  }

  /** Microseconds since the epoch, never the same twice. */
  micros(): number {
    const now = Date.now() * 1000 + Math.floor((performance.now() % 1) * 1000);
    this.#lastMicros = Math.max(this.#lastMicros + 1, now);
    return this.#lastMicros;
  }

  close() {
    this.#closed = true;
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
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
