import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { cardPlace } from './list-tasks.ts';
import { taskView } from './task.ts';

const entry = z.object({
  nth: z.number(),
  at: z.coerce.date(),
  /** `task.confirmed`, `session.planning`, `instruction.answer`: who reads it knows which of them have words. */
  what: z.string(),
  by: z.string().nullable(),
  text: z.string().nullish(),
  kind: z.string().nullish(),
});

const outcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('history'),
    guild_id: z.string(),
    task: taskView,
    card: cardPlace,
    entries: z.array(entry),
    has_more: z.boolean(),
    /** Null where it has not come to that. */
    times: z.object({ approval_s: z.number().nullable(), pr_s: z.number().nullable(), waited_s: z.number() }),
  }),
  z.object({ kind: z.literal('unknown_task') }),
  ...gateRefusals,
]);
export type TaskHistory = Extract<z.output<typeof outcome>, { kind: 'history' }>;

export type HistoryWish = { readonly number: number; readonly after: number };

/** What happened to the task of a number, behind its entry `after`. Who may not see it is told what one is told of none. */
export async function readHistory(rpc: Rpc, actor: Actor, { number, after }: HistoryWish) {
  return call(rpc, outcome, 'read_task_history', { actor, number, after });
}
