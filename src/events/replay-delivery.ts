import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';

const outcome = z.discriminatedUnion('kind', [
  /** With an `event_id` the fact was told again, as that event, to this one subscriber: a lane's way back. */
  z.object({ kind: z.literal('replayed'), id: z.string(), event_id: z.string().optional() }),
  z.object({ kind: z.literal('not_dead'), id: z.string() }),
  z.object({ kind: z.literal('retired'), id: z.string(), subscriber: z.string() }),
]);
export type ReplayOutcome = z.output<typeof outcome>;

/** Brings a dead letter back to its subscriber, at the tail. */
export const replayDelivery = (rpc: Rpc, id: string): Promise<ReplayOutcome> =>
  call(rpc, outcome, 'replay_delivery', { id });
