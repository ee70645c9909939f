/** How long a text was that is too long, and how long it may be. */
export type Size = { readonly chars: number; readonly most: number };

/**
 * Three kinds of failure, no more. A Refusal can be put right by the person, who reads the sentence as it is. A
 * RemoteFailure is another service's; it says when to try again. Anything else is a defect.
 */
export class Refusal extends Error {
  readonly code: string;
  /** What failed, why, and what to do next; for the person who asked. */
  readonly sentence: string;
  /** With the code, what it takes to say the same in another language. */
  readonly size: Size | undefined;

  constructor(code: string, sentence: string, size?: Size) {
    super(sentence);
    this.name = `Refusal[${code}]`;
    this.code = code;
    this.sentence = sentence;
    this.size = size;
  }
}

export type Service = 'jules' | 'discord' | 'database' | 'github';

/** When a failed call may be tried again: with growing delays, after a known time, or not at all. */
export type Retry = 'soon' | 'never' | { readonly afterMs: number };

export type FailureFacts = {
  readonly service: Service;
  /** HTTP status, SQLSTATE, or a word such as `timeout`. */
  readonly code: string | number;
  readonly retry: Retry;
  /** True where the call may have taken effect although it failed: look before repeating it. */
  readonly unknownOutcome?: boolean;
  /** True for a limit that is not the caller's fault (429, an open breaker): the try is not counted. */
  readonly uncounted?: boolean;
  readonly cause?: unknown;
};

export class RemoteFailure extends Error {
  readonly service: Service;
  readonly code: string | number;
  readonly retry: Retry;
  readonly unknownOutcome: boolean;
  readonly uncounted: boolean;

  constructor(message: string, facts: FailureFacts) {
    super(message, { cause: facts.cause });
    this.name = `RemoteFailure[${facts.service} ${facts.code}]`;
    this.service = facts.service;
    this.code = facts.code;
    this.retry = facts.retry;
    this.unknownOutcome = facts.unknownOutcome ?? false;
    this.uncounted = facts.uncounted ?? false;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
