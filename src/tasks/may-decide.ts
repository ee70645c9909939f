import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import type { Decision } from './decide-task.ts';
import { taskView } from './task.ts';

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('allowed') }),
  z.object({ kind: z.literal('too_late'), task: taskView }),
  z.object({ kind: z.literal('unknown_task') }),
  ...gateRefusals,
]);
export type MayDecideOutcome = z.output<typeof outcome>;

/** What `decideTask` would answer now. It decides, audits and promises nothing: for a door that asks more first. */
export async function mayDecide(rpc: Rpc, actor: Actor, { taskId, verb }: Decision): Promise<MayDecideOutcome> {
  return call(rpc, outcome, 'may_decide', { actor, task_id: taskId, verb });
}
