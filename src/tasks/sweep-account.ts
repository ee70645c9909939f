import { z } from 'zod';
import { RemoteFailure } from '#kernel/errors.ts';
import { type Answer, after, type Delivery, done, waitUntil } from '#kernel/handler.ts';
import { idIn, keyId, sessionName } from '#kernel/ids.ts';
import { patiently } from '#kernel/patience.ts';
import { call } from '#kernel/rpc.ts';
import { lookBack, markerOf } from './marker.ts';
import type { TaskDeps } from './work.ts';

const account = z.object({
  key_id: z.string().nullable(),
  live: z.number(),
  waiting: z.number(),
  recent: z.number(),
  oldest_at: z.coerce.date().nullable(),
  strays: z.array(z.string()),
});
type Account = z.output<typeof account>;

/** Finished sessions come back to work seldom; they are looked at this many times less often. */
const REST_FACTOR = 6;

/** A stray never gets its plan approved; archiving it tidies the account, and a failure to do so harms nobody. */
async function archiveStrays(deps: TaskDeps, { key_id, strays }: Account, signal: AbortSignal): Promise<string[]> {
  const archived: string[] = [];
  for (const stray of strays) {
    try {
      await deps.sessions.archive(keyId(key_id ?? ''), sessionName(stray), { signal });
      archived.push(stray);
    } catch (error) {
      if (!(error instanceof RemoteFailure)) throw error;
      if (error.code === 404) archived.push(stray);
    }
  }
  return archived;
}

async function sweep(deps: TaskDeps, found: Account, delivery: Delivery): Promise<Answer> {
  const since = lookBack(found.oldest_at ?? delivery.now);
  const { signal } = delivery;
  const listed = await deps.sessions.list(keyId(found.key_id ?? ''), since, { signal });
  await deps.rpc('record_sweep', {
    account_id: idIn(delivery.key),
    seen: listed.map((session) => ({
      name: session.name,
      state: session.state,
      updated_at: session.updateTime ?? session.createTime,
      marker: markerOf(session),
    })),
    archived: await archiveStrays(deps, found, signal),
  });
  return waitUntil(after(delivery.now, deps.windows.sweepMs * (found.live > 0 ? 1 : REST_FACTOR)));
}

const later = (deps: TaskDeps, { now }: Delivery) => waitUntil(after(now, deps.windows.sweepMs * REST_FACTOR));

/**
 * The lane of an account: one look at its list of sessions finds what moved in all of them, for a seventh of the calls
 * that asking each session would cost. It ends when nothing lives and nothing ended lately.
 */
export async function sweepAccount(deps: TaskDeps, delivery: Delivery): Promise<Answer> {
  const found = await call(deps.rpc, account, 'check_account', { account_id: idIn(delivery.key) });
  if (found.live + found.waiting + found.recent + found.strays.length === 0) return done;
  // Every key of the account was removed: nothing can be asked, but what waits for a place may still get one.
  if (!found.key_id || found.live + found.recent + found.strays.length === 0) return later(deps, delivery);
  const onRefused = async ({ message }: RemoteFailure): Promise<Answer> => {
    await deps.rpc('record_account_problem', {
      account_id: idIn(delivery.key),
      key_id: found.key_id,
      problem: message,
    });
    return later(deps, delivery);
  };
  return patiently({ pauseMs: deps.windows.sweepMs, onRefused }, () => sweep(deps, found, delivery));
}
