import { messageOf, RemoteFailure } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';

/** Notices that the database went away and came back, and says each once, however many calls fail in between. */
export class Outage {
  readonly #log: Log;
  #failures = 0;
  #isAway = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Failures in a row, for the delay before the next try. */
  get failures(): number {
    return this.#failures;
  }

  failed(error: unknown) {
    this.#failures += 1;
    if (!(error instanceof RemoteFailure)) {
      this.#log.error({ event: 'events.defect', err: error });
    } else if (!this.#isAway) {
      this.#isAway = true;
      this.#log.warn({ event: 'database.away', error: messageOf(error) });
    }
  }

  succeeded() {
    if (this.#isAway) this.#log.info({ event: 'database.back', failures: this.#failures });
    this.#failures = 0;
    this.#isAway = false;
  }
}
