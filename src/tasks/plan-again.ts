import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import type { TaskId } from '#kernel/ids.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { taskView } from './task.ts';

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('renewed'), task: taskView }),
  z.object({ kind: z.literal('too_late'), task: taskView }),
  z.object({ kind: z.literal('unknown_task') }),
  ...gateRefusals,
]);
export type PlanAgainOutcome = z.output<typeof outcome>;

/** Has Jules plan anew what nobody approved in time. */
export async function planAgain(rpc: Rpc, actor: Actor, taskId: TaskId): Promise<PlanAgainOutcome> {
  return call(rpc, outcome, 'plan_again', { actor, task_id: taskId });
}
