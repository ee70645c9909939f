import { z } from 'zod';

/**
 * A session is Jules's run of a task; a task has one. Its phases, as people see them by name:
 *
 * Queued: confirmed, waiting for its account's limits. Opening: admitted; Verne creates the session at Jules.
 * Unsure: three attempts had no known outcome and no session was found, or the key of one is gone, so that nothing can be
 * found; a person decides.
 * Planning: Jules reads the repository. Plan review: the plan waits for people, where the task wants that; plan expired:
 * nobody approved it in Jules's time. Approving: the plan is there, and read if it had to be; Verne approves it, for this
 * session only.
 * Working: the plan runs. Needs input: Jules asked something. Paused: Jules stopped without saying why.
 * Finishing: Jules says it is done; its pull request may still be on the way. Unknown: a state nobody here knows.
 * Silent is no phase: one that plans, works or stands still for longer than that may take, and says nothing (silence.ts).
 * Then one end: done with a pull request, with a patch only, with nothing; failed; or stopped, because it was cancelled.
 *
 * The promise of opening: at most one *approved* session per task. Creating can answer with an error after it took
 * effect, so the intent is committed first (`attempted_at`) and carries a marker that Jules keeps in title and prompt.
 * While an intent stands, its session is looked for by the marker; only after the intent's whole window is the session
 * created again. What turns up later than that stops at its plan, which is never approved: a stray.
 */
export const SESSION_PHASES = [
  'queued',
  'opening',
  'unsure',
  'planning',
  'plan_review',
  'plan_expired',
  'approving',
  'working',
  'needs_input',
  'paused',
  'finishing',
  'unknown',
  'stopped',
  'done_pr',
  'done_patch',
  'done_nothing',
  'failed',
] as const;
export type SessionPhase = (typeof SESSION_PHASES)[number];

const instant = z.coerce.date();

/** How far the plan is: `step` counts from 0 and is known only where Jules named a step. */
export const progress = z.object({
  step: z.number().optional(),
  latest: z.string().optional(),
  /** The last thing that Jules said. */
  question: z.string().optional(),
  /** Names that message while nobody is known to wait for its answer: Jules's state can tell so later than its message. */
  unasked: z.string().optional(),
  /** Why it failed, told before its state said so. */
  failure: z.string().optional(),
  /** Jules said that it is done, and nothing after that. */
  said_done: z.boolean().optional(),
  has_patch: z.boolean().optional(),
});
export type Progress = z.output<typeof progress>;

export const sessionView = z.object({
  phase: z.enum(SESSION_PHASES),
  name: z.string().nullable(),
  /** Jules's own page of the session. */
  url: z.string().nullable(),
  /** Jules's word for its state, shown as it is where nobody here knows it. */
  jules_state: z.string().nullable(),
  progress,
  /** While it waits for its account: its place (1 = next), about how long, and for what. */
  queue: z
    .object({
      place: z.number().optional(),
      because: z.enum(['at_once', 'per_day', 'paused', 'key']),
      wait_s: z.number().nullish(),
    })
    .nullable(),
  moved_at: instant.nullable(),
  opened_at: instant.nullable(),
  approved_at: instant.nullable(),
  ended_at: instant.nullable(),
  /** A pause keeps it from beginning, or its plan from being approved: of its server, or of the whole service. */
  paused: z.enum(['here', 'everywhere']).nullish(),
  /** Of an unsure one: what ended the search. */
  unsure_because: z.enum(['attempts', 'key']).nullish(),
  /** How often it was created again because its plan expired before it was approved. */
  recreated: z.number(),
  /** How often it came back to work after its end. */
  resumes: z.number(),
  /** Names its silence, where it is silent for longer than it should be. */
  silence: z.string().nullable(),
  /** Names what Jules can be asked for a pull request about: an end without one, or a silence after it said it was done. */
  pr_wanting: z.string().nullable(),
  /** Jules does not have it any more. */
  deleted: z.boolean(),
  /** Names the question that Jules waits for an answer to. */
  question: z.string().nullable(),
  /** Discord id of who read the plan and let it run. */
  plan_approved_by: z.string().nullable(),
  /** Instructions that Jules was not told yet. */
  untold: z.number(),
});
