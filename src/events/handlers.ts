import { z } from 'zod';
import { after, type Handler, waitUntil } from '#kernel/handler.ts';
import { call, type Rpc } from '#kernel/rpc.ts';

const BATCH = 1000;
const PRUNE_EVERY_MS = 3_600_000;

const pruned = z.object({ deliveries: z.number(), events: z.number() });

/** Forgets old deliveries and events, a batch at a time so that nobody waits for its locks, and again in an hour. */
const prune =
  (rpc: Rpc): Handler =>
  async ({ now, signal }) => {
    for (;;) {
      signal.throwIfAborted();
      const { deliveries, events } = await call(rpc, pruned, 'prune_events', { batch: BATCH });
      if (deliveries < BATCH && events < BATCH) return waitUntil(after(now, PRUNE_EVERY_MS));
    }
  };

export const eventHandlers = ({ rpc }: { readonly rpc: Rpc }) =>
  ({ 'events.prune': prune(rpc) }) satisfies Record<string, Handler>;
