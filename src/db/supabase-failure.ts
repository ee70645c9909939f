import { z } from 'zod';
import { RemoteFailure } from '#kernel/errors.ts';
import { retryAfterMs } from '#kernel/retry.ts';
import { defect, missingFunction, neverConnected, passingFailure, raisedFailure } from './failure.ts';

const KEY = 'SUPABASE_SERVICE_ROLE_KEY (or SUPABASE_SECRET_KEY)';

const words = z.looseObject({
  code: z.string().catch(''),
  message: z.string().catch(''),
  details: z.string().nullish().catch(undefined),
});

/** PostgREST and the gateway before it answer in JSON; anything else on the way answers HTML or nothing. */
function readWords(body: string) {
  try {
    return words.parse(JSON.parse(body));
  } catch {
    return { code: '', message: '' };
  }
}

/** An answer that is not a function's result. Its body may repeat what was sent, so it is read here and not kept. */
export class NoResult extends Error {
  readonly status: number;
  readonly code: string;
  readonly said: string;
  readonly detail: string | undefined;
  readonly retryAfter: string | null;

  constructor(answer: { readonly status: number; readonly body: string; readonly retryAfter: string | null }) {
    super(`The answer was ${answer.status}.`);
    const { code, message, details } = readWords(answer.body);
    this.status = answer.status;
    this.code = code;
    this.said = message;
    this.detail = details ?? undefined;
    this.retryAfter = answer.retryAfter;
  }
}

const never = (code: string | number, sentence: string) =>
  new RemoteFailure(sentence, { service: 'database', code, retry: 'never' });

/** PostgREST had no connection, no schema or no free place in its pool: the function was not begun. */
const NOT_BEGUN = new Set(['PGRST000', 'PGRST002', 'PGRST003']);
/** The token could not be read, is missing, or is out of its time. */
const BAD_TOKEN = new Set(['PGRST301', 'PGRST302', 'PGRST303']);
const SQLSTATE = /^[0-9A-Z]{5}$/;

function busyFailure(call: string, { status, code, retryAfter }: NoResult): RemoteFailure {
  const afterMs = retryAfterMs(retryAfter, new Date());
  const isLimit = status === 429;
  const unknownOutcome = !isLimit && !NOT_BEGUN.has(code);
  const { message, code: told } = passingFailure(call, code || String(status), unknownOutcome);
  // PostgREST says 0 with a broken connection: that is no plan, and would make everybody come back at once.
  const retry = afterMs ? { afterMs } : 'soon';
  return new RemoteFailure(message, { service: 'database', code: told, retry, unknownOutcome, uncounted: isLimit });
}

/** Decided by code and status, never by the words. */
function answeredFailure(call: string, answer: NoResult): Error {
  const { status, code, said, detail } = answer;
  if (code === '42501') {
    const what = `The key that Verne was given may not call ${call}. ${KEY} must hold the service_role or secret key, and every migration must have been run.`;
    return never(code, what);
  }
  if (SQLSTATE.test(code)) return raisedFailure(call, { code, message: said, ...(detail && { detail }) });
  if (code === 'PGRST202') return missingFunction(call);
  if (BAD_TOKEN.has(code) || status === 401 || status === 403) {
    const what = `Supabase refused the key (${code || status}). ${KEY} must hold a valid service_role or secret key of the project at SUPABASE_URL.`;
    return never(code || status, what);
  }
  if (status === 429 || status === 408 || status >= 500 || status === 200) return busyFailure(call, answer);
  if (status === 404 && !code)
    return never(status, 'Nothing answers for a Supabase project there. Check SUPABASE_URL.');
  return defect(call, { code: code || String(status), message: code ? said : `the answer was ${status}` });
}

/** What fetch says of a connection is in its cause; an error without one is not the network's. */
function networkCode(error: unknown): string | undefined {
  if (!(error instanceof TypeError) || error.cause === undefined) return undefined;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'network';
}

/** What a call over HTTP threw. Giving up does not stop the function, so what it did is then unknown. */
export function supabaseFailure(call: string, error: unknown): unknown {
  if (error instanceof NoResult) return answeredFailure(call, error);
  if (error instanceof Error && error.name === 'TimeoutError') return passingFailure(call, 'timeout', true);
  if (error instanceof Error && error.name === 'AbortError') return passingFailure(call, 'aborted', true);
  // The client's own error for a success that is no JSON; its message is the body.
  if (error instanceof Error && error.name === 'PostgrestError') return passingFailure(call, 'unreadable', true);
  const code = networkCode(error);
  return code === undefined ? error : passingFailure(call, code, !neverConnected(code));
}
