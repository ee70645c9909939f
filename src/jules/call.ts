import { setTimeout as pause } from 'node:timers/promises';
import { RemoteFailure } from '#kernel/errors.ts';
import { fullJitterMs } from '#kernel/retry.ts';
import type { Secret } from '#kernel/secret.ts';
import type { CallFacts } from '#kernel/watch.ts';
import { brokenFailure, type CallKind, refusedFailure, unreadableFailure } from './failure.ts';
import { KEY_MASK } from './without-key.ts';

/** As much of `fetch` as is used: Node's own and undici's both fit. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body: string | null;
    readonly redirect: 'manual';
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}>;

export type CallDeps = {
  readonly apiBase: string;
  readonly fetch: Fetch;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onCall?: (facts: CallFacts) => void;
};

export type Call = CallKind & {
  readonly method: 'GET' | 'POST';
  /** Below the API base, already safe. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly key: Secret;
  /** For headers and body together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

export const sleep: CallDeps['sleep'] = (ms, signal) => pause(ms, undefined, { signal });

/** A page of activities with screenshots inside runs to megabytes; more than this is refused, not held in memory. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

const READ_RETRIES = 2;
const RETRY_BASE_MS = 200;
const RETRY_CAP_MS = 1000;

async function readText(body: AsyncIterable<Uint8Array> | null, call: Call): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES)
      throw unreadableFailure(call, { code: 'too_large', why: `more than ${MAX_BODY_BYTES} bytes` });
    chunks.push(chunk);
  }
  // What repeats the key, an error of the parser as well, does so without it.
  return Buffer.concat(chunks).toString('utf8').replaceAll(call.key.reveal(), KEY_MASK);
}

function urlOf(apiBase: string, { path, query = {} }: Call): string {
  const search = new URLSearchParams(query).toString();
  return `${apiBase.replace(/\/$/, '')}/${path}${search && `?${search}`}`;
}

/** The one place where a key is unwrapped to be sent. A key that no header can carry would be printed by the header's own error. */
function headersOf({ key, json, to }: Call): Record<string, string> {
  const value = key.reveal();
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new RemoteFailure(`Jules cannot be asked to ${to}: the key holds characters that no key has`, {
      service: 'jules',
      code: 'bad_key',
      retry: 'never',
    });
  }
  return {
    'x-goog-api-key': value,
    accept: 'application/json',
    ...(json !== undefined && { 'content-type': 'application/json' }),
  };
}

/** An empty answer is a success: approving a plan and sending a message answer with nothing. */
function parseJson(body: string, call: Call): unknown {
  if (body.trim() === '') return {};
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw unreadableFailure(call, { code: 'not_json', why: 'it is not JSON', cause });
  }
}

/** Redirects are not followed: the key would travel to wherever they point. */
async function attempt(deps: CallDeps, call: Call): Promise<unknown> {
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const headers = headersOf(call);
  const neverSent = call.signal.aborted;
  try {
    call.signal.throwIfAborted();
    const answer = await deps.fetch(urlOf(deps.apiBase, call), {
      method: call.method,
      headers,
      body: call.json === undefined ? null : JSON.stringify(call.json),
      redirect: 'manual',
      signal: AbortSignal.any([call.signal, timeout]),
    });
    const body = await readText(answer.body, call);
    if (answer.status >= 200 && answer.status < 300) return parseJson(body, call);
    throw refusedFailure(
      call,
      { status: answer.status, body, retryAfter: answer.headers.get('retry-after') },
      call.key,
    );
  } catch (error) {
    if (error instanceof RemoteFailure) throw error;
    const kind: CallKind = neverSent ? { to: call.to, effect: 'read' } : call;
    throw brokenFailure(kind, { error, timedOut: timeout.aborted, abandoned: call.signal.aborted }, call.key);
  }
}

/** Each try is told by itself: what Jules heard is what counts against its limits. */
async function watchedAttempt(deps: CallDeps, call: Call): Promise<unknown> {
  const startedAt = performance.now();
  const ended = (code: CallFacts['code']) =>
    deps.onCall?.({ to: call.to, code, tookMs: performance.now() - startedAt });
  try {
    const answer = await attempt(deps, call);
    ended('ok');
    return answer;
  } catch (error) {
    ended(error instanceof RemoteFailure ? error.code : 'defect');
    throw error;
  }
}

const PATIENT_CODES: ReadonlySet<string | number> = new Set(['timeout', 'aborted', 'too_large', 429]);

/** A read that failed on the way is worth another try at once; what needs time goes back to the durable row. */
const isWorthAnother = (error: unknown) =>
  error instanceof RemoteFailure && error.retry === 'soon' && !PATIENT_CODES.has(error.code);

/** Calls Jules and gives back its JSON. Only reads are repeated here: a POST that failed may have been heard. */
export async function callJules(deps: CallDeps, call: Call): Promise<unknown> {
  const retries = call.effect === 'read' ? READ_RETRIES : 0;
  for (let tries = 1; tries <= retries; tries += 1) {
    try {
      return await watchedAttempt(deps, call);
    } catch (error) {
      if (!isWorthAnother(error)) throw error;
    }
    // Aborted in its sleep, the next attempt says so itself.
    await deps
      .sleep(fullJitterMs(tries, RETRY_BASE_MS, RETRY_CAP_MS, deps.random()), call.signal)
      .catch(() => undefined);
  }
  return watchedAttempt(deps, call);
}
