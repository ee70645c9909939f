/** What a story may be told with. */
export type Details = {
  /** What Jules asks in `question`. */
  readonly question?: string | undefined;
  /** Why it fails in `fail`; '' is an event without a reason, null no event at all. */
  readonly reason?: string | null | undefined;
  /** The state of `unknown_state`. */
  readonly state?: string | undefined;
  /** How long the pull request comes after the end, in story time. */
  readonly prDelayMs?: number | undefined;
};

/** One thing that happens, so long after the one before. */
export type Beat = { readonly afterMs: number } & Deed;

export type Deed =
  /** Proto3 JSON: what is empty is not sent, so a progress may come without a word. */
  | { readonly do: 'progress'; readonly title?: string; readonly description?: string; readonly artifacts?: object[] }
  | { readonly do: 'say'; readonly text: string }
  /** Waits for a message. */
  | { readonly do: 'ask'; readonly text: string }
  /** Another plan, which runs without being approved. */
  | { readonly do: 'replan'; readonly why: string }
  /** It says so; with `stays` its state does not. */
  | { readonly do: 'complete'; readonly withPatch: boolean; readonly stays?: true }
  | { readonly do: 'pullRequest' }
  | { readonly do: 'patchOutput'; readonly repoless?: true }
  | { readonly do: 'fail'; readonly reason: string | null }
  /** The story stops, in this state or in the one that is; a message takes it up again. */
  | { readonly do: 'halt'; readonly state?: string }
  /** Goes on working by itself. */
  | { readonly do: 'resume' }
  | { readonly do: 'raw'; readonly activity: object }
  | { readonly do: 'rawOutput'; readonly output: object };

/** What a message after the end sets going; the pull request is the one that is there, unless the message asks for it. */
export const WORK_ON_MESSAGE: readonly Beat[] = [
  { afterMs: 1000, do: 'say', text: 'I am on it.' },
  { afterMs: 3000, do: 'progress', title: 'Work on your message' },
  { afterMs: 3000, do: 'complete', withPatch: true },
  { afterMs: 0, do: 'patchOutput' },
];

export const PUBLISH_ON_MESSAGE: readonly Beat[] = [...WORK_ON_MESSAGE, { afterMs: 1000, do: 'pullRequest' }];
