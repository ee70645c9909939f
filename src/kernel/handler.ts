/** One subscriber's work on a fact, as a worker claimed it. */
export type Delivery = {
  readonly id: string;
  readonly subscriber: string;
  /** What the fact is about, e.g. `task:{uuid}`. */
  readonly key: string;
  /** Tries so far, this one included. */
  readonly attempts: number;
  /** The database's clock at the claim: the only `now` a decision may use. */
  readonly now: Date;
  /** The newest fact (`latest`), the next one (`in_order`) or the only one (`each`). */
  readonly event: {
    readonly id: string;
    readonly topic: string;
    readonly payload: Readonly<Record<string, unknown>>;
    readonly correlationId: string;
  };
  /** Aborted when the lease is lost or the process stops. */
  readonly signal: AbortSignal;
};

/** What a handler answers. A thrown RemoteFailure or defect becomes a retry. */
export type Answer =
  | { readonly kind: 'done' }
  /** Nothing to do until then; news about the key wakes it earlier. */
  | { readonly kind: 'wait'; readonly until: Date }
  /** Full jitter, or after `afterMs`, which the other service may have `named`; an uncounted one does not use up a try. */
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly afterMs?: number;
      readonly named?: true;
      readonly uncounted?: boolean;
    }
  /** Kept with its history until a person replays or discards it. */
  | { readonly kind: 'dead'; readonly reason: string };

export type Handler = (delivery: Delivery) => Promise<Answer>;

export const done: Answer = { kind: 'done' };
export const waitUntil = (until: Date): Answer => ({ kind: 'wait', until });

/** An instant so many milliseconds after another. */
export const after = (instant: Date, ms: number) => new Date(instant.getTime() + ms);
