import { z } from 'zod';
import { OPERATIONS, type Operation } from './routes.ts';

const FAULT_KINDS = [
  /** Answers `status` (503) and does nothing. */
  'error_before',
  /** Does it, then answers `status` (500). */
  'error_after',
  /** 400 FAILED_PRECONDITION, nothing done. */
  'precondition_before',
  /** Does it, then answers 400 FAILED_PRECONDITION. */
  'precondition_after',
  /** Closes the connection, nothing done. */
  'drop_before',
  /** Does it, then closes the connection without an answer. */
  'drop_after',
  /** Never answers; does it `ms` later, whether or not somebody still waits. */
  'late_landing',
  /** Does it and answers; lists show the new session only `ms` later. */
  'list_lag',
  /** 429, with `Retry-After: retryAfterS` where given. */
  'rate_limited',
  /** An HTML error page with `status` (502), nothing done. */
  'html',
  /** Does it, answers `ms` later. */
  'slow',
  /** Does it, sends half the body, the rest `ms` later. */
  'slow_body',
  /** Does it, sends half the body, closes the connection. */
  'reset_body',
  'not_found',
  /** As if the key had been revoked. */
  'unauthorized',
] as const;

const WITH_MS: readonly string[] = ['late_landing', 'list_lag', 'slow', 'slow_body'];

/**
 * A fault of the simulated Jules. Its times are real milliseconds, not scaled by `speed`: they are weighed against
 * the timeouts of a client.
 */
export const julesFaultSchema = z
  .strictObject({
    on: z.enum([...OPERATIONS, 'any']),
    kind: z.enum(FAULT_KINDS),
    /** How many calls it meets; 0 is all from now on. */
    times: z.number().int().min(0).default(1),
    ms: z.number().min(0).optional(),
    retryAfterS: z.number().min(0).optional(),
    status: z.number().int().min(200).max(599).optional(),
    /** With any fault on create that takes effect: lists show the session only so much later. */
    listLagMs: z.number().min(0).optional(),
    /** Only calls of this account, by label. */
    account: z.string().optional(),
    /** Only calls about this session, by id. */
    session: z.string().optional(),
  })
  .check(({ value, issues }) => {
    if (WITH_MS.includes(value.kind) && value.ms === undefined) {
      issues.push({ code: 'custom', input: value, path: ['ms'], message: `${value.kind} needs ms` });
    }
    if (value.kind === 'list_lag' && value.on !== 'create') {
      issues.push({ code: 'custom', input: value, path: ['on'], message: 'list_lag is a fault of create' });
    }
  });

export type JulesFault = z.output<typeof julesFaultSchema>;

export type FaultCase = { readonly on: Operation; readonly account: string; readonly session: string };

/** Faults that wait for their call; the oldest that fits is taken. */
export class Faults {
  #waiting: { readonly fault: JulesFault; left: number }[] = [];

  add(fault: JulesFault) {
    this.#waiting.push({ fault, left: fault.times === 0 ? Number.POSITIVE_INFINITY : fault.times });
  }

  clear() {
    this.#waiting = [];
  }

  take({ on, account, session }: FaultCase): JulesFault | undefined {
    const found = this.#waiting.find(
      ({ fault }) =>
        (fault.on === on || fault.on === 'any') &&
        (fault.account ?? account) === account &&
        (fault.session ?? session) === session,
    );
    if (!found) return undefined;
    found.left -= 1;
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    return found.fault;
  }
}
