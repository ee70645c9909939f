import { messageOf, RemoteFailure } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';

/** Notices that the database went away and came back, and says each once, however many calls fail in between. */
export class Outage {
  readonly #log: Log;
  #failures = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Failures in a row, for the delay before the next try. */
  get failures(): number {
    return this.#failures;
  }

  failed(error: unknown) {
    this.#failures += 1;
    if (error instanceof RemoteFailure) {
      if (this.#failures === 1) this.#log.warn({ event: 'database.away', error: messageOf(error) });
    } else {
      this.#log.error({ event: 'events.defect', err: error });
    }
  }

  succeeded() {
    if (this.#failures > 0) this.#log.info({ event: 'database.back', failures: this.#failures });
    this.#failures = 0;
  }
}
