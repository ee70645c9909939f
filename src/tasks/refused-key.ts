import { RemoteFailure } from '#kernel/errors.ts';
import { taskId } from '#kernel/ids.ts';
import { lookBack } from './marker.ts';
import { readWork, type TaskDeps, type Work } from './work.ts';

/** Jules says it of the key, or there is none any more. */
export const isOfKey = ({ code }: RemoteFailure) => code === 401 || code === 403 || code === 'no_key';

/** A refused POST may be about its repository alone: then a list is still given. */
export async function isKeyRefused(deps: TaskDeps, { key_id }: Work, signal: AbortSignal): Promise<boolean> {
  try {
    await deps.sessions.list(key_id, lookBack(new Date()), { signal });
    return false;
  } catch (error) {
    if (error instanceof RemoteFailure && error.service === 'jules' && isOfKey(error)) return true;
    throw error;
  }
}

/** Whether the task goes on: it moved to another key of its server, or waits for its own, or for a person. */
export async function waitsForKey({ rpc }: TaskDeps, work: Work, { code, message }: RemoteFailure): Promise<boolean> {
  await rpc('record_account_problem', { account_id: work.account_id, key_id: work.key_id, problem: message });
  if (code !== 'no_key') return true;
  const now = await readWork(rpc, taskId(work.task_id));
  return now?.key_id !== work.key_id || now.phase === 'unsure';
}
