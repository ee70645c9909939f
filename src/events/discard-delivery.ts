import { z } from 'zod';
import { call, type Rpc } from '#kernel/rpc.ts';

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('discarded'), id: z.string() }),
  z.object({ kind: z.literal('not_dead'), id: z.string() }),
]);

/** Gives up a dead letter for good; the reason stays with it. */
export const discardDelivery = (rpc: Rpc, wish: { readonly id: string; readonly reason: string }) =>
  call(rpc, outcome, 'discard_delivery', wish);
