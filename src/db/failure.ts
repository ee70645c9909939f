import { Refusal, RemoteFailure } from '#kernel/errors.ts';

/** SQLSTATEs after which the same call may simply be made again: the server rolled it back. */
const ROLLED_BACK = new Set(['40001', '40P01', '55P03', '57014', '57P03', '08001', '08004']);
/** SQLSTATEs of a connection or server that went away, perhaps after the commit. */
const WENT_AWAY = new Set(['57P01', '57P02', '40003']);

/** Codes of node's sockets, of postgres.js and of fetch for a connection that was never made, so nothing was sent. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'CONNECT_TIMEOUT',
  'CONNECTION_ENDED',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** And of one that broke: the query may have been on its way. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'CONNECTION_CLOSED', 'CONNECTION_DESTROYED']);

/** A database error that is nobody's weather: a wrong call or wrong SQL. Holds no values, only where and what. */
class DatabaseDefect extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.name = `DatabaseDefect[${code}]`;
    this.code = code;
  }
}

export type Raised = {
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly where?: string;
};

function raised(error: unknown): Raised | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error as Error & Raised;
}

/** A failure that passes: the same call may be made again soon, where it may have taken effect only after a look. */
export function passingFailure(call: string, code: string, unknownOutcome: boolean): RemoteFailure {
  const outcome = unknownOutcome ? '; it may have taken effect' : '';
  return new RemoteFailure(`The database did not complete ${call} (${code})${outcome}.`, {
    service: 'database',
    code,
    retry: 'soon',
    unknownOutcome,
  });
}

/** A release may run before its migrations, and PostgREST learns of a new function a moment late: it is tried again. */
export function missingFunction(call: string): RemoteFailure {
  const what = `The database has no function ${call} with these arguments. Run the migrations of this release (npm run migrate).`;
  return new RemoteFailure(what, { service: 'database', code: 'missing_function', retry: 'soon' });
}

/** True where nothing can have been sent. */
export const neverConnected = (code: string) => NEVER_CONNECTED.has(code);

/** True and false say whether a transient failure may have committed; undefined: it is not transient. */
function mayHaveCommitted(code: string): boolean | undefined {
  if (ROLLED_BACK.has(code) || NEVER_CONNECTED.has(code) || code.startsWith('53')) return false;
  if (WENT_AWAY.has(code) || BROKEN.has(code) || /^08...$/.test(code)) return true;
  return undefined;
}

/** Messages of class 22, and PostgREST's about a request, quote the offending value, so only their code is told. */
export function defect(call: string, { code, message, where }: Raised): Error {
  const what = /^(?:22|PGRST1)/.test(code) ? 'a value does not fit its type' : message;
  const place = where?.match(/PL\/pgSQL function [^\n]{1,120} line \d+/)?.[0];
  return new DatabaseDefect(`${call} failed: ${what}${place ? ` (${place})` : ''}`, code);
}

/**
 * The only translator of what Postgres raises, whichever transport brought it. SQL refuses with an SQLSTATE of class
 * `VN`, the sentence as message and the refusal's code as detail. A detail, a hint and what postgres.js throws carry
 * parameters and row values, so none of them is passed on.
 */
export function raisedFailure(call: string, facts: Raised): Error {
  if (facts.code.startsWith('VN')) return new Refusal(facts.detail || facts.code, facts.message);
  if (facts.code === '42883' && facts.message.startsWith(`function public.${call}(`)) return missingFunction(call);
  const unknownOutcome = mayHaveCommitted(facts.code);
  return unknownOutcome === undefined ? defect(call, facts) : passingFailure(call, facts.code, unknownOutcome);
}

/** What a direct connection threw. */
export function databaseFailure(call: string, error: unknown): unknown {
  if (error instanceof Error && error.name === 'TimeoutError') return passingFailure(call, 'timeout', true);
  const facts = raised(error);
  return facts ? raisedFailure(call, facts) : error;
}
