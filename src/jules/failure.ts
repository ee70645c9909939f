import { z } from 'zod';
import { RemoteFailure, type Retry } from '#kernel/errors.ts';
import { retryAfterMs } from '#kernel/retry.ts';
import type { Secret } from '#kernel/secret.ts';
import { withoutKey } from './without-key.ts';

/** One call to Jules, as far as it decides what a failure means. */
export type CallKind = {
  /** For messages: `create a session`. */
  readonly to: string;
  /** `read` has no effect and may be repeated; `create` and `write` may have taken effect although they failed. */
  readonly effect: 'read' | 'create' | 'write';
};

export type Refused = {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | null;
};

const envelope = z.object({ error: z.looseObject({ status: z.string().catch(''), message: z.string().catch('') }) });

/** Google's canonical status and message; an HTML page or nothing at all has neither. */
function readEnvelope(body: string) {
  try {
    return envelope.parse(JSON.parse(body)).error;
  } catch {
    return { status: '', message: '' };
  }
}

const MESSAGE_CHARS = 200;
/** Looked through for the key, before it is cut: half a key would not be found. */
const READ_CHARS = 4000;

function retryOf(refused: Refused, canonical: string): Retry {
  const { status } = refused;
  const afterMs = retryAfterMs(refused.retryAfter, new Date());
  const passing = status === 429 || status === 408 || status >= 500;
  if (passing) return afterMs === undefined ? 'soon' : { afterMs };
  // Means anything from "too many at once" to "the repository is not ready": most of it passes.
  return status === 400 && canonical === 'FAILED_PRECONDITION' ? 'soon' : 'never';
}

/** Refusals that come before Jules looks at the request, so nothing can have happened. */
const NOTHING_HAPPENED = new Set([401, 403, 404, 429]);

/** Creating can answer 400 after the session was made; every other call says the truth with a 4xx. */
function mayHaveHappened({ effect }: CallKind, status: number): boolean {
  if (effect === 'read') return false;
  if (status >= 500 || status === 408) return true;
  return effect === 'create' && !NOTHING_HAPPENED.has(status);
}

/** An answer that is not a success. Decided by status and canonical status, never by the words of the message. */
export function refusedFailure(call: CallKind, refused: Refused, key: Secret): RemoteFailure {
  const envelope = readEnvelope(refused.body);
  const [status, message] = [envelope.status, envelope.message].map((text) =>
    withoutKey(text.slice(0, READ_CHARS), key),
  ) as [string, string];
  const said = message.length > MESSAGE_CHARS ? `${message.slice(0, MESSAGE_CHARS)}…` : message;
  const words = [`Jules answered ${refused.status}`, status, `when asked to ${call.to}`].filter(Boolean).join(' ');
  return new RemoteFailure(said ? `${words}: ${said}` : words, {
    service: 'jules',
    code: refused.status,
    retry: retryOf(refused, status),
    unknownOutcome: mayHaveHappened(call, refused.status),
    uncounted: refused.status === 429,
  });
}

/** A success that cannot be read: HTML, broken JSON, another shape, too long, pages that never end. */
export function unreadableFailure(
  call: CallKind,
  { code, why, cause }: { readonly code: string; readonly why: string; readonly cause?: unknown },
): RemoteFailure {
  return new RemoteFailure(`Jules was asked to ${call.to}, and its answer cannot be read: ${why}`, {
    service: 'jules',
    code,
    retry: 'soon',
    unknownOutcome: call.effect !== 'read',
    cause,
  });
}

const connecting = z.looseObject({ syscall: z.enum(['connect', 'getaddrinfo']) });
const connectTimeout = z.looseObject({ code: z.literal('UND_ERR_CONNECT_TIMEOUT') });

/** No connection was made, so no byte of the request can have arrived. Wrapped by fetch, and bundled when a name has several addresses. */
function neverConnected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverConnected);
  if (connecting.safeParse(error).success || connectTimeout.safeParse(error).success) return true;
  return error instanceof Error && error.cause !== undefined && neverConnected(error.cause);
}

function networkWords(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = z.looseObject({ code: z.string() }).safeParse(inner);
  return code.success ? code.data.code : inner instanceof Error ? inner.message : String(inner);
}

export type Broken = {
  readonly error: unknown;
  readonly timedOut: boolean;
  readonly abandoned: boolean;
};

/** No answer: the caller gave up, the time ran out, or the network failed. */
export function brokenFailure(call: CallKind, { error, timedOut, abandoned }: Broken, key: Secret): RemoteFailure {
  const code = abandoned ? 'aborted' : timedOut ? 'timeout' : 'network';
  const why = { aborted: 'the call was stopped', timeout: 'no answer in time', network: networkWords(error) }[code];
  return new RemoteFailure(withoutKey(`Jules could not be asked to ${call.to}: ${why}`, key), {
    service: 'jules',
    code,
    retry: 'soon',
    unknownOutcome: call.effect !== 'read' && !neverConnected(error),
    uncounted: abandoned,
    cause: error,
  });
}
