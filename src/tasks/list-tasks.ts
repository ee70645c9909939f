import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { taskView } from './task.ts';

/** Whose tasks: one's own, all that one may see here, or those that wait for oneself. */
export const SHOWS = ['mine', 'all', 'waiting'] as const;
/** As the coarse life has it, finished work told apart by its pull request. */
export const LISTED = [
  'pending_confirmation',
  'in_progress',
  'pr',
  'no_pr',
  'rejected',
  'failed',
  'cancelled',
  'expired',
] as const;

export type ListWish = {
  readonly show: (typeof SHOWS)[number];
  readonly status?: (typeof LISTED)[number] | undefined;
  readonly repo?: string | undefined;
  /** The repository by the beginning of its hash: a button has no room for its name. */
  readonly repo_ref?: string | undefined;
  /** Numbers of tasks: the page is behind the one, or in front of the other. */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
};

const instant = z.coerce.date();
export const cardPlace = z.object({ channel_id: z.string(), message_id: z.string() }).nullable();

const outcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tasks'),
    guild_id: z.string(),
    /** With the beginning of their prompts. */
    tasks: z.array(
      z.object({
        task: taskView,
        card: cardPlace,
        waits: z.object({ what: z.string(), since: instant }).nullable(),
      }),
    ),
    has_newer: z.boolean(),
    has_older: z.boolean(),
    /** The repository that the list is about; null where it is about all, or about one that no task here is about. */
    repo: z.string().nullable(),
    repo_ref: z.string().nullable(),
    /** Medians of the server's last 30 days, and of how many tasks. */
    times: z.object({
      approval_s: z.number().nullable(),
      decided: z.number(),
      pr_s: z.number().nullable(),
      prs: z.number(),
    }),
  }),
  ...gateRefusals,
]);
export type TaskList = Extract<z.output<typeof outcome>, { kind: 'tasks' }>;

/** A page of tasks, newest first, for the eyes of the one who asks. */
export async function listTasks(rpc: Rpc, actor: Actor, wish: ListWish) {
  return call(rpc, outcome, 'read_tasks', { actor, wish });
}
