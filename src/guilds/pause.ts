import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';

/** `everywhere`: the whole service is paused, so that one server's resuming changes nothing yet. */
const facts = { since: z.coerce.date().nullable(), by: z.string().nullable(), everywhere: z.boolean() };
const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('paused_now'), ...facts }),
  z.object({ kind: z.literal('resumed'), ...facts }),
  ...gateRefusals,
]);
export type PauseOutcome = z.output<typeof outcome>;

/** The kill switch of a server: nothing new begins at Jules and no plan is approved, until it is taken back. */
export async function pauseGuild(rpc: Rpc, actor: Actor, isOn: boolean): Promise<PauseOutcome> {
  return call(rpc, outcome, 'pause_guild', { actor, pause: isOn });
}

/** The same for the whole service; only for whoever runs it. */
export async function pauseService(rpc: Rpc, actor: Actor, isOn: boolean): Promise<PauseOutcome> {
  return call(rpc, outcome, 'pause_service', { actor, pause: isOn });
}
