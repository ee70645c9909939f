import { z } from 'zod';
import { keysOf } from './keys.ts';
import { OPERATIONS, type Operation } from './routes.ts';

const FAULT_KINDS = {
  error_before: 'Answers `status` (503) and does nothing',
  error_after: 'Does it, then answers `status` (500)',
  precondition_before: 'Answers 400 FAILED_PRECONDITION and does nothing',
  precondition_after: 'Does it, then answers 400 FAILED_PRECONDITION',
  drop_before: 'Closes the connection and does nothing',
  drop_after: 'Does it, then closes the connection without an answer',
  late_landing: 'Never answers; does it `ms` later, whether or not somebody still waits',
  list_lag: 'Does it and answers; lists show the new session only `ms` later',
  rate_limited: 'Answers 429, with `Retry-After: retryAfterS` where that is given',
  html: 'Answers an HTML error page with `status` (502) and does nothing',
  slow: 'Does it, answers `ms` later',
  slow_body: 'Does it, sends half the answer, the rest `ms` later',
  reset_body: 'Does it, sends half the answer, closes the connection',
  not_found: 'Answers 404 and does nothing',
  unauthorized: 'Answers 401, as if the key had been revoked',
  forbidden: 'Answers 403, as if the key had no right to it',
} as const;

const kinds = keysOf(FAULT_KINDS);
const WITH_MS: readonly string[] = [
  'late_landing',
  'list_lag',
  'slow',
  'slow_body',
] satisfies (keyof typeof FAULT_KINDS)[];

/** What people choose from; `needs` names the fields that a kind cannot do without. */
export const faultList = () =>
  kinds.map((kind) => ({ kind, does: FAULT_KINDS[kind], needs: WITH_MS.includes(kind) ? ['ms'] : [] }));

/**
 * A fault of the simulated Jules. Its times are real milliseconds, not scaled by `speed`: they are weighed against
 * the timeouts of a client.
 */
export const julesFaultSchema = z
  .strictObject({
    on: z.enum([...OPERATIONS, 'any']),
    kind: z.enum(kinds),
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

/** Without `left` it is from now on. */
export type ArmedFault = JulesFault & { readonly left?: number };

/** Faults that wait for their call; the oldest that fits is taken. */
export class Faults {
  #waiting: { readonly fault: JulesFault; left: number }[] = [];

  add(fault: JulesFault) {
    this.#waiting.push({ fault, left: fault.times === 0 ? Number.POSITIVE_INFINITY : fault.times });
  }

  armed(): readonly ArmedFault[] {
    return this.#waiting.map(({ fault, left }) => ({ ...fault, ...(Number.isFinite(left) && { left }) }));
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
