import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import type { TaskId } from '#kernel/ids.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { taskView } from './task.ts';

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('posted'), task: taskView }),
  z.object({ kind: z.literal('no_patch'), task: taskView }),
  z.object({ kind: z.literal('too_large'), chars: z.number(), task: taskView }),
  z.object({ kind: z.literal('unknown_task') }),
  ...gateRefusals,
]);
export type SalvageOutcome = z.output<typeof outcome>;

/** Has the newest patch of a session posted in the task's thread, as a file. */
export async function salvagePatch(rpc: Rpc, actor: Actor, taskId: TaskId): Promise<SalvageOutcome> {
  return call(rpc, outcome, 'salvage_patch', { actor, task_id: taskId });
}
