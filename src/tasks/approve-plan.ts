import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import type { TaskId } from '#kernel/ids.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { taskView } from './task.ts';

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approved'), task: taskView }),
  z.object({ kind: z.literal('plan_approved'), by: z.string(), task: taskView }),
  /** Jules is about to be told of changes, and will make another plan. */
  z.object({ kind: z.literal('changes_asked'), by: z.string(), task: taskView }),
  /** There is another plan by now, or it waits for nobody. */
  z.object({ kind: z.literal('stale_plan'), task: taskView }),
  z.object({ kind: z.literal('own_task'), task: taskView }),
  z.object({ kind: z.literal('too_late'), task: taskView }),
  z.object({ kind: z.literal('unknown_task') }),
  ...gateRefusals,
]);
export type ApprovePlanOutcome = z.output<typeof outcome>;

/** Lets the plan that was read run; `plan` names it as `plan_hash` of the task did. */
export async function approvePlan(rpc: Rpc, actor: Actor, taskId: TaskId, plan: string): Promise<ApprovePlanOutcome> {
  return call(rpc, outcome, 'approve_plan', { actor, task_id: taskId, plan });
}
