import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { call, type Rpc } from '#kernel/rpc.ts';

const outcome = z.discriminatedUnion('kind', [
  /** `tasks`: how many they had asked for; these stay, without their words. */
  z.object({ kind: z.literal('forgotten'), tasks: z.number() }),
  /** The numbers of tasks that must be decided, cancelled or over first. */
  z.object({ kind: z.literal('has_open_tasks'), numbers: z.array(z.number()) }),
  z.object({ kind: z.literal('not_permitted') }),
]);
export type ForgetOutcome = z.output<typeof outcome>;

/**
 * Forgets somebody who asks for it: who they are, their keys and choices, what they wrote. What they did stays in the
 * audit, under a pseudonym that leads nowhere any more. Only for whoever runs the service.
 */
export async function forgetPerson(rpc: Rpc, actor: Actor, person: string): Promise<ForgetOutcome> {
  return call(rpc, outcome, 'forget_person', { actor, person });
}
