type Line = { running: number; readonly waiting: (() => void)[] };

/**
 * So many at once of one name; the others wait for their turn in order. Of ten sessions created at once Jules refused
 * eight, as if their repository were not there; five at once were fine.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #lines = new Map<string, Line>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Gives back how to end the turn; rejects with the reason of `signal` where that comes first. */
  async take(name: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const line = this.#lines.get(name) ?? { running: 0, waiting: [] };
    this.#lines.set(name, line);
    if (line.running < this.#atOnce) line.running += 1;
    else await this.#wait(line, signal);
    return () => this.#end(name, line);
  }

  async #wait({ waiting }: Line, signal: AbortSignal) {
    const turn = Promise.withResolvers<void>();
    const leave = () => {
      const place = waiting.indexOf(turn.resolve);
      if (place >= 0) waiting.splice(place, 1);
      turn.reject(signal.reason);
    };
    waiting.push(turn.resolve);
    signal.addEventListener('abort', leave, { once: true });
    await turn.promise.finally(() => signal.removeEventListener('abort', leave));
  }

  #end(name: string, line: Line) {
    const next = line.waiting.shift();
    if (next) {
      next();
      return;
    }
    line.running -= 1;
    if (line.running === 0) this.#lines.delete(name);
  }
}
