import { z } from 'zod';
import { type Answer, type Delivery, done } from '#kernel/handler.ts';
import { idIn } from '#kernel/ids.ts';
import type { TaskDeps } from './work.ts';

const dead = z.object({ subscriber: z.string(), error: z.string() });

/** Work on a task that was given up must not leave its card waiting for ever: the card says so, and what helps. */
export async function tellDead({ rpc }: Pick<TaskDeps, 'rpc'>, { key, event }: Delivery): Promise<Answer> {
  const { subscriber, error } = dead.parse(event.payload);
  if (!key.startsWith('task:') || !subscriber.startsWith('tasks.')) return done;
  const trouble = `Verne gave up on this task after many tries: ${error.slice(0, 300)} An operator can have it tried again with: npm run events -- dead`;
  await rpc('record_trouble', { task_id: idIn(key), trouble });
  return done;
}
