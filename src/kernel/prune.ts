import { z } from 'zod';
import { after, type Handler, waitUntil } from './handler.ts';
import { call, type Rpc } from './rpc.ts';

const BATCH = 1000;
const EVERY_MS = 3_600_000;

const pruned = z.record(z.string(), z.number());

/** Has SQL forget what is old, a batch at a time so that nobody waits for its locks, and again in an hour. */
export const prunesHourly =
  (rpc: Rpc, name: string): Handler =>
  async ({ now, signal }) => {
    for (;;) {
      signal.throwIfAborted();
      const counts = await call(rpc, pruned, name, { batch: BATCH });
      if (Object.values(counts).every((count) => count < BATCH)) return waitUntil(after(now, EVERY_MS));
    }
  };
