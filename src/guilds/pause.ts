import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('paused_now') }),
  z.object({ kind: z.literal('resumed') }),
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

const TRIES = 5;

/** The bot was removed from a server: no work and no posts there. Discord says so once, so it is tried for some seconds. */
export async function leaveGuild(rpc: Rpc, guildId: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await rpc('leave_guild', { guild_id: guildId });
      return;
    } catch (error) {
      if (!(error instanceof RemoteFailure) || tries === TRIES) throw error;
      await pause(500 * 2 ** tries);
    }
  }
}
