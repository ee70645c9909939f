import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';

const limit = { per_day: z.number().nullable(), at_once: z.number().nullable() };

const limits = z.object({
  kind: z.literal('limits'),
  /** A Discord id; '' is everybody who has no entry of their own. */
  budgets: z.array(z.object({ kind: z.enum(['person', 'role', 'server']), id: z.string(), ...limit })),
  /** What holds now; `person` null is the whole server. */
  raises: z.array(z.object({ person: z.string().nullable(), extra: z.number(), until: z.coerce.date() })),
  /** What binds who asks, by their own entry, their roles or everybody's. */
  yours: z.object(limit),
  /** Of the server (`person` null), of who asks, and of people with an entry; who has asked for nothing is missing. */
  used: z.array(z.object({ person: z.string().nullable(), day: z.number(), open: z.number() })),
});
export type Limits = z.output<typeof limits>;

const outcome = z.discriminatedUnion('kind', [limits, ...gateRefusals]);

/** What is set, what of it is used, what was raised for a day. */
export async function readLimits(rpc: Rpc, actor: Actor): Promise<z.output<typeof outcome>> {
  return call(rpc, outcome, 'read_limits', { actor });
}
