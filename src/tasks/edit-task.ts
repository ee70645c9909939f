import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import type { TaskId } from '#kernel/ids.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { wrongTarget } from './check-target.ts';
import { promptOf, type TargetWish, targetOf } from './request-task.ts';
import { taskView } from './task.ts';

const task = taskView;
const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('edited'), task }),
  z.object({ kind: z.literal('unchanged'), task }),
  /** Another edit came first: these words were written over others than those that stand there now. */
  z.object({ kind: z.literal('edited_before'), task }),
  z.object({ kind: z.literal('too_late'), task }),
  z.object({ kind: z.literal('not_requester'), by: z.string() }),
  z.object({ kind: z.literal('unknown_task') }),
  z.object({ kind: z.literal('no_key') }),
  z.object({ kind: z.literal('no_repo') }),
  ...wrongTarget,
  ...gateRefusals,
]);
export type EditOutcome = z.output<typeof outcome>;

export type Edit = TargetWish & {
  readonly taskId: TaskId;
  /** The words that were edited, as the task named them. */
  readonly edits: number;
  readonly prompt: string;
};

/** The requester changes what a task that waits is to do; who approved the old words has approved nothing. */
export async function editTask(
  rpc: Rpc,
  actor: Actor,
  { taskId, edits, prompt, ...where }: Edit,
): Promise<EditOutcome> {
  const wish = { prompt: promptOf(prompt), ...targetOf(where) };
  return call(rpc, outcome, 'edit_task', { actor, task_id: taskId, edits, wish });
}
