/** What parts tell about their work to whoever counts it. The words are from fixed lists, so that counting stays small. */

export type InteractionFacts = { readonly command: string; readonly outcome: string; readonly tookMs: number };

/** `begun` is told when a handler is given the delivery; everything else is what became of it. */
export type DeliveryFacts = {
  readonly subscriber: string;
  readonly topic: string;
  readonly outcome: 'begun' | 'done' | 'wait' | 'retry' | 'dead' | 'lost';
  readonly tookMs: number;
};

/** One call to another service: `to` says what for, `code` is `ok` or that of its failure. */
export type CallFacts = { readonly to: string; readonly code: string | number; readonly tookMs: number };
