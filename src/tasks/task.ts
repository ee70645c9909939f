import { z } from 'zod';
import { sessionView } from './session.ts';

/**
 * The life of a task, coarse on purpose: what Jules is doing right now is its session's phase (session.ts).
 *
 * Pending confirmation: stored, shown on a card, nothing runs. An approver confirms or rejects it; the requester or an
 * approver cancels it; it may expire. One who holds a confirm role skips this state.
 * In progress: Verne owes the requester an answer. The session may still wait for its account's limits.
 * Completed: Jules finished, with or without a pull request; it may come back to work by itself.
 * Failed: with the reason in `last_error`. A pull request that turns up late makes it completed.
 * Rejected, cancelled and expired are final.
 *
 * Which verb leads where is a table of the database, and nowhere else.
 */
export const TASK_STATUSES = [
  'pending_confirmation',
  'in_progress',
  'completed',
  'rejected',
  'failed',
  'cancelled',
  'expired',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** What a person may decide about a task; the database lists which of them lead where. */
export const DECISIONS = ['confirm', 'reject', 'cancel'] as const;
export type TaskDecision = (typeof DECISIONS)[number];

/** What a person may ask of its session; which of them apply now comes with the task, as the decisions do. */
export const SESSION_VERBS = [
  'edit',
  'approve_plan',
  'ask_changes',
  'plan_again',
  'answer',
  'nudge',
  'publish',
  'reply',
  'follow_up',
  'get_patch',
  'retry',
] as const;

/** In the order of a card's buttons. */
export const TASK_VERBS = ['confirm', 'reject', ...SESSION_VERBS, 'cancel'] as const;
export type TaskVerb = (typeof TASK_VERBS)[number];

/** Who chose the repository, the nearest first. */
export const REPO_SOURCES = ['option', 'person', 'channel', 'server'] as const;

/** As what a task was made from another one: tried again, or going on from what it did. */
const PARENT_AS = ['retry', 'follow_up'] as const;
export type ParentAs = (typeof PARENT_AS)[number];

const instant = z.coerce.date();
const relative = z.object({ id: z.string(), number: z.number(), as: z.enum(PARENT_AS) });
export type Relative = z.output<typeof relative>;

/** A task as cards and doors show it. */
export const taskView = z.object({
  id: z.string(),
  number: z.number(),
  status: z.enum(TASK_STATUSES),
  revision: z.number(),
  prompt: z.string(),
  repo: z.string(),
  branch: z.string(),
  /** Which choice named the repository. */
  repo_from: z.enum(REPO_SOURCES),
  /** Discord id of who asked. */
  requester: z.string(),
  channel_id: z.string(),
  created_at: instant,
  key: z.object({ owner: z.enum(['person', 'server']), last4: z.string() }),
  /** Discord id of who confirmed or rejected. */
  decided_by: z.string().nullable(),
  decided_at: instant.nullable(),
  /** Discord id of who cancelled. */
  ended_by: z.string().nullable(),
  reason: z.string().nullable(),
  pr_url: z.string().nullable(),
  /** Who named the pull request: Jules, or a report that came by the webhook. */
  pr_source: z.enum(['jules', 'webhook']).nullable(),
  last_error: z.string().nullable(),
  /** How many approvals it takes, whether its requester's own may count, and when it expires undecided. */
  policy: z.object({ approvals: z.number(), self_approval: z.boolean(), expires_at: instant.nullable() }),
  /** It waits for a decision and nobody may confirm it in a pause, so the hours until it expires do not pass. */
  stands_still: z.boolean(),
  /** Discord ids of who approved, the first one first. */
  approvals: z.array(z.object({ by: z.string(), at: instant })),
  /** What the Jules account has used, while the task is in progress. */
  quota: z.object({ today: z.number(), per_day: z.number(), running: z.number(), at_once: z.number() }).nullable(),
  session: sessionView.nullable(),
  plan: z.array(z.object({ title: z.string(), description: z.string().optional() })).nullable(),
  /** Names the plan that is shown: an approval is of this one alone. */
  plan_hash: z.string().nullable(),
  /** Whether people read the plan before it runs. */
  plan_review: z.boolean(),
  /** Whose choice that was; null of a task from before it was kept. */
  plan_from: z.enum(['option', 'person', 'server']).nullable(),
  /** Names its words: it counts how often they were edited. A confirmation is of these, and of no others. */
  edits: z.number(),
  /** When they were edited last, and how many approvals of the old ones that made void. */
  edited: z.object({ at: instant, void: z.number() }).nullable(),
  /** The task that this one was made from, and those that were made from it, the newest first. */
  parent: relative.nullable(),
  children: z.array(relative),
  /** A newer release may know more of them. */
  verbs: z.array(z.string()).transform((verbs) => TASK_VERBS.filter((verb) => verbs.includes(verb))),
  now: instant,
});
export type TaskView = z.output<typeof taskView>;
