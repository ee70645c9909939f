import { z } from 'zod';
import { type Answer, type Delivery, done, waitUntil } from '#kernel/handler.ts';
import { idIn } from '#kernel/ids.ts';
import { call } from '#kernel/rpc.ts';
import type { TaskDeps } from './work.ts';

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['expired', 'over']) }),
  z.object({ kind: z.literal('waits'), until: z.coerce.date() }),
]);

/** A task that nobody decides in its server's time expires; a decision wakes the wait, and ends it. */
export async function expireTask({ rpc }: Pick<TaskDeps, 'rpc'>, { key }: Delivery): Promise<Answer> {
  const found = await call(rpc, outcome, 'expire_task', { task_id: idIn(key) });
  return found.kind === 'waits' ? waitUntil(found.until) : done;
}
