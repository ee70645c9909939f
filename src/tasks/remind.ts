import { z } from 'zod';
import { type Answer, type Delivery, done, waitUntil } from '#kernel/handler.ts';
import { idIn } from '#kernel/ids.ts';
import { call } from '#kernel/rpc.ts';
import type { TaskDeps } from './work.ts';

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('nothing') }),
  z.object({ kind: z.literal('waits'), until: z.coerce.date() }),
]);

/** The lane of a task: reminds people of what waits for them, now and again; each step that it takes wakes it. */
export async function remind({ rpc, windows }: Pick<TaskDeps, 'rpc' | 'windows'>, { key }: Delivery): Promise<Answer> {
  const found = await call(rpc, outcome, 'remind_task', {
    task_id: idIn(key),
    first_ms: windows.remindMs,
    again_ms: windows.remindAgainMs,
  });
  return found.kind === 'waits' ? waitUntil(found.until) : done;
}
