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

/** What a person may ask of a task; which of them apply now comes with the task. */
export const TASK_VERBS = ['confirm', 'reject', 'cancel'] as const;
export type TaskVerb = (typeof TASK_VERBS)[number];

const instant = z.coerce.date();

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
  repo_from: z.enum(['option', 'person', 'channel', 'server']),
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
  verbs: z.array(z.enum(TASK_VERBS)),
  now: instant,
});
export type TaskView = z.output<typeof taskView>;
