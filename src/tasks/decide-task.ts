import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import type { TaskId } from '#kernel/ids.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { type TaskDecision, taskView } from './task.ts';

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('decided'), task: taskView }),
  /** One approval of several: the task still waits. */
  z.object({ kind: z.literal('counted'), task: taskView }),
  /** The server does not let people approve what they asked for. */
  z.object({ kind: z.literal('own_task'), task: taskView }),
  /** It was edited since: the words that were meant are not those that stand there. */
  z.object({ kind: z.literal('edited'), task: taskView }),
  z.object({ kind: z.literal('too_late'), task: taskView }),
  z.object({ kind: z.literal('unknown_task') }),
  ...gateRefusals,
]);
export type DecideOutcome = z.output<typeof outcome>;

export type Decision = {
  readonly taskId: TaskId;
  readonly verb: TaskDecision;
  readonly reason?: string | undefined;
  /** The words that a confirmation is of, as the task named them; left out: those that were never edited. */
  readonly edits?: number | undefined;
};

/** Confirm, reject or cancel: one winner; who comes too late is told what the task is by now. */
export async function decideTask(rpc: Rpc, actor: Actor, decision: Decision): Promise<DecideOutcome> {
  const { taskId, verb, reason, edits } = decision;
  const said = { ...(reason && { reason }), ...(edits && { edits }) };
  return call(rpc, outcome, 'decide_task', { actor, task_id: taskId, verb, ...said });
}
