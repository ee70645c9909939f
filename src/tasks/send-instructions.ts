import { z } from 'zod';
import { RemoteFailure } from '#kernel/errors.ts';
import { type Answer, after, type Delivery, done, waitUntil } from '#kernel/handler.ts';
import { idIn, type KeyId, type SessionName, taskId } from '#kernel/ids.ts';
import { patiently } from '#kernel/patience.ts';
import { call } from '#kernel/rpc.ts';
import { lookBack, withMarkerBelow } from './marker.ts';
import { isOfKey } from './refused-key.ts';
import { SESSION_PHASES } from './session.ts';
import { TASK_STATUSES } from './task.ts';
import type { TaskDeps } from './work.ts';

/**
 * The life of an instruction. Waiting: kept, until Jules takes it and those before it are through. Then its intent is
 * committed (`attempted_at`), it is sent with a marker, and the answer makes it delivered or refused.
 *
 * An answer that does not come leaves the intent behind: the session's activities are read for the marker. Found, it was
 * delivered; not found, and only after the intent's whole window, it is sent again. After three times nobody knows, and
 * who wrote it is told so: to be asked again is better than to be told twice.
 */
const instruction = z.object({
  id: z.string(),
  kind: z.string(),
  text: z.string(),
  marker: z.string(),
  attempts: z.number(),
  attempted_at: z.coerce.date().nullable(),
  status: z.enum(TASK_STATUSES),
  name: z.string().nullable(),
  key_id: z.string().nullable(),
  phase: z.enum(SESSION_PHASES).nullable(),
  jules_state: z.string().nullable(),
  archived: z.boolean().nullable(),
  paused: z.boolean().nullable(),
});
type Instruction = z.output<typeof instruction>;
type Sendable = Instruction & { readonly name: SessionName; readonly key_id: KeyId };
type Settling = { readonly deps: TaskDeps; readonly told: Instruction; readonly delivery: Delivery };
type Run = { readonly deps: TaskDeps; readonly told: Sendable; readonly delivery: Delivery };

const GONE = 'The session takes nothing any more: the task was over before Jules could be told.';

const settled = z.object({ kind: z.enum(['delivered', 'refused', 'waiting', 'settled_before']) });

async function settle({ deps, told, delivery }: Settling, outcome: string, problem?: string): Promise<Answer> {
  await call(deps.rpc, settled, 'settle_instruction', { id: told.id, outcome, ...(problem && { problem }) });
  // The next one, if there is one.
  return waitUntil(delivery.now);
}

const begun = z.object({ kind: z.enum(['begun', 'taken', 'approving', 'paused']) });

async function send(run: Run): Promise<Answer> {
  const { deps, told, delivery } = run;
  // The intent is committed when nothing is waited for any more: a pause or a cancellation until then is heeded.
  let intent: z.output<typeof begun> | undefined;
  const mayBegin = async () => {
    intent = await call(deps.rpc, begun, 'begin_instruction', { id: told.id });
    return intent.kind === 'begun';
  };
  const wish = { name: told.name, prompt: withMarkerBelow(told.text, told.marker) };
  try {
    if (await deps.sessions.send(told.key_id, wish, { signal: delivery.signal, mayBegin }))
      return settle(run, 'delivered');
  } catch (error) {
    if (intent?.kind !== 'begun') throw error;
    return afterFailedSend(run, error);
  }
  return waitUntil(after(delivery.now, intent?.kind === 'taken' ? 0 : deps.windows.followMs));
}

async function afterFailedSend(run: Run, error: unknown): Promise<Answer> {
  const { deps, told, delivery } = run;
  if (!(error instanceof RemoteFailure) || error.service !== 'jules') throw error;
  if (error.unknownOutcome) return waitUntil(after(delivery.now, lookEveryMs(deps)));
  if (error.retry === 'never' && !isOfKey(error)) return settle(run, 'refused', error.message);
  await deps.rpc('settle_instruction', { id: told.id, outcome: 'certainly' });
  if (error.retry === 'never') return waitUntil(after(delivery.now, deps.windows.followMs));
  throw error;
}

const lookEveryMs = ({ windows }: TaskDeps) => Math.min(5000, windows.intentMs / 4);

async function look(run: Run, since: Date): Promise<Answer> {
  const { deps, told, delivery } = run;
  const wish = { name: told.name, since: lookBack(since) };
  const activities = await deps.sessions.activities(told.key_id, wish, { signal: delivery.signal });
  const isThere = activities.some(
    (activity) => activity.kind === 'userMessaged' && activity.message.includes(`[${told.marker}]`),
  );
  if (isThere) return settle(run, 'delivered');
  if (delivery.now < after(since, deps.windows.intentMs)) return waitUntil(after(delivery.now, lookEveryMs(deps)));
  return settle(run, 'lost', 'Jules did not say whether it was told, three times, and it is not in the session.');
}

/** While Jules plans, nobody knows what becomes of a message; while its plan is being approved, another plan may. */
function isTaken({ kind, phase, jules_state: state }: Sendable): boolean {
  // A nudge is all that may wake one that hangs there.
  if (kind === 'nudge') return true;
  if (state === 'QUEUED' || state === 'PLANNING') return false;
  return phase !== 'approving';
}

const isSendable = (told: Instruction): told is Sendable => told.name !== null && told.key_id !== null;
const isOver = ({ status, archived }: Instruction) =>
  archived === true || (status !== 'in_progress' && status !== 'completed');

/** The lane of a task: tells Jules what people wrote, one after the other, each exactly once. */
export async function sendInstructions(deps: TaskDeps, delivery: Delivery): Promise<Answer> {
  const told = await call(deps.rpc, instruction.nullable(), 'read_instruction', {
    task_id: taskId(idIn(delivery.key)),
  });
  // Each turn that its session takes comes back here.
  if (!told) return done;
  if (told.attempted_at === null && isOver(told)) return settle({ deps, told, delivery }, 'refused', GONE);
  if (!isSendable(told)) return done;
  const run = { deps, told, delivery };
  const onRefused = (error: RemoteFailure) =>
    isOfKey(error)
      ? Promise.resolve(waitUntil(after(delivery.now, deps.windows.followMs)))
      : settle(run, 'refused', error.message);
  return patiently({ pauseMs: deps.windows.followSoonMs, onRefused }, async () => {
    if (told.attempted_at !== null) return look(run, told.attempted_at);
    return isTaken(told) ? send(run) : done;
  });
}
