import { DiscordAPIError, HTTPError, RateLimitError } from '@discordjs/rest';
import { z } from 'zod';
import { RemoteFailure } from '#kernel/errors.ts';

/** One call to Discord, as far as it decides what a failure means. */
export type CallKind = {
  /** For messages: `post a message`. */
  readonly to: string;
  /** A `read` has no effect; a `write` may have taken effect although it failed. */
  readonly effect: 'read' | 'write';
};

export type Progress = {
  /** The socket was opened: from here on a write may have been heard. */
  isOpened: boolean;
};

/** Nobody heard the call, because too much time passed before its socket was opened: an heir may already be at work. */
export class TooLate extends Error {}

const HTTP_UNAUTHORIZED = 401;
/** A token that Discord does not know stays unknown until a person acts; 10,000 such answers in 10 minutes ban the address. */
const UNAUTHORIZED_PAUSE_MS = 60_000;

const facts = (code: string | number) => ({ service: 'discord' as const, code });

function limitedFailure(call: CallKind, error: RateLimitError): RemoteFailure {
  const afterMs = Math.ceil(Math.max(error.timeToReset, error.retryAfter, error.sublimitTimeout, 0));
  return new RemoteFailure(`Discord wants ${afterMs} ms of patience before it is asked to ${call.to}`, {
    ...facts(429),
    retry: { afterMs },
    uncounted: true,
    cause: error,
  });
}

function unauthorizedFailure(call: CallKind, cause: unknown): RemoteFailure {
  return new RemoteFailure(`Discord does not know the bot's token (asked to ${call.to}); set DISCORD_TOKEN anew`, {
    ...facts(HTTP_UNAUTHORIZED),
    retry: { afterMs: UNAUTHORIZED_PAUSE_MS },
    uncounted: true,
    cause,
  });
}

/** A refusal without one of Discord's codes comes from a proxy in between and says nothing about the place. */
function refusedFailure(call: CallKind, error: DiscordAPIError): RemoteFailure {
  if (error.status === HTTP_UNAUTHORIZED && error.code === 0) return unauthorizedFailure(call, error);
  const isDiscords = typeof error.code === 'number';
  const code = isDiscords && error.code !== 0 ? error.code : error.status;
  return new RemoteFailure(`Discord refused to ${call.to}: ${error.status}, code ${error.code}`, {
    ...facts(code),
    retry: isDiscords ? 'never' : 'soon',
    cause: error,
  });
}

/** Every 5xx may come from a proxy in front of a Discord that did the work. */
function brokenFailure(call: CallKind, error: HTTPError): RemoteFailure {
  return new RemoteFailure(`Discord answered ${error.status} when asked to ${call.to}`, {
    ...facts(error.status),
    retry: 'soon',
    unknownOutcome: call.effect === 'write',
    cause: error,
  });
}

const connecting = z.looseObject({ syscall: z.enum(['connect', 'getaddrinfo']) });
const connectTimeout = z.looseObject({ code: z.literal('UND_ERR_CONNECT_TIMEOUT') });

/** No connection was made, so no byte can have arrived. fetch wraps the reason, and bundles it for several addresses. */
function neverConnected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverConnected);
  if (connecting.safeParse(error).success || connectTimeout.safeParse(error).success) return true;
  return error instanceof Error && error.cause !== undefined && neverConnected(error.cause);
}

const NO_TOKEN = /^Expected token to be set/;

function codeOf(error: unknown, isAbandoned: boolean): string {
  if (isAbandoned) return 'aborted';
  if (!(error instanceof Error)) return 'network';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  return error instanceof SyntaxError ? 'not_json' : 'network';
}

/** Whatever the REST library threw, as what it means for the caller. Decided by codes, never by words for people. */
export function failureOf(
  call: CallKind,
  {
    error,
    progress,
    isAbandoned,
  }: { readonly error: unknown; readonly progress: Progress; readonly isAbandoned: boolean },
): RemoteFailure {
  if (error instanceof RemoteFailure) return error;
  if (error instanceof RateLimitError) return limitedFailure(call, error);
  if (error instanceof DiscordAPIError) return refusedFailure(call, error);
  if (error instanceof HTTPError) return brokenFailure(call, error);
  // The library forgets a token that was refused once, and refuses to send anything more.
  if (error instanceof Error && NO_TOKEN.test(error.message)) return unauthorizedFailure(call, error);
  const isTooLate = error instanceof TooLate;
  const code = isTooLate ? 'too_late' : codeOf(error, isAbandoned);
  return new RemoteFailure(`Discord could not be asked to ${call.to}: ${code}`, {
    ...facts(code),
    retry: 'soon',
    unknownOutcome: call.effect === 'write' && progress.isOpened && !isTooLate && !neverConnected(error),
    uncounted: isTooLate || isAbandoned,
    cause: error,
  });
}

const PLACE_PROBLEMS = {
  10003: 'channel_gone',
  10004: 'channel_gone',
  10008: 'message_gone',
  10013: 'dm_closed',
  50001: 'forbidden',
  50005: 'message_gone', // somebody else's message: ours is not there
  50006: 'forbidden', // our bodies are never empty: without Embed Links their embeds were dropped
  50007: 'dm_closed',
  50013: 'forbidden',
  50024: 'wrong_channel',
  50083: 'thread_archived',
  50278: 'dm_closed', // no server in common
  160005: 'thread_locked',
  160006: 'too_many_threads',
} as const;

/**
 * What is wrong with the place of a message, where Discord says so for good. `refused` is everything else that it will
 * never take: a body that it finds wrong, or a word that the server's own filter blocks.
 */
export type PlaceProblem = (typeof PLACE_PROBLEMS)[keyof typeof PLACE_PROBLEMS] | 'refused';

const isKnown = (code: string | number): code is keyof typeof PLACE_PROBLEMS => code in PLACE_PROBLEMS;

export function placeProblem(error: unknown): PlaceProblem | undefined {
  if (!(error instanceof RemoteFailure) || error.service !== 'discord' || error.retry !== 'never') return undefined;
  return isKnown(error.code) ? PLACE_PROBLEMS[error.code] : 'refused';
}
